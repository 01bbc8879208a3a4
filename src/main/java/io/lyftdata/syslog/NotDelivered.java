package io.lyftdata.syslog;

import java.io.IOException;

/** The collector may not have the messages; the sentence says why and what to do. */
public final class NotDelivered extends IOException {
    private static final long serialVersionUID = 1L;

    NotDelivered(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}

package io.lyftdata.client;

import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;

/** A 2xx answer, read to its end; the caller owns the body's bytes. */
@SuppressWarnings("ArrayRecordComponent") // never compared; a copy of every answer would buy nothing
public record ApiAnswer(int status, HttpHeaders headers, byte[] body) {
    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }
}

package io.lyftdata.metrics;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Rendered samples; for one thread. */
final class Lines extends ByteArrayOutputStream {
    Lines() {
        super(256);
    }

    void add(byte[] bytes) {
        write(bytes, 0, bytes.length);
    }

    /** What was written from the position on, one character for each byte. */
    String since(int position) {
        return new String(buf, position, count - position, StandardCharsets.ISO_8859_1);
    }
}

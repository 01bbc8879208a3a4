package io.lyftdata.simulator;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** An HTTP/1.1 answer as it comes in. */
final class HttpAnswer {
    private byte[] bytes = new byte[1024];
    private int length;
    private int bodyAt = -1;
    private int bodyLength;
    private String head = "";
    private byte[] body = new byte[0];

    /** Takes what has come; whether that makes it whole. */
    boolean take(ByteBuffer part) throws IOException {
        int count = part.remaining();
        if (bytes.length < length + count) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
        }
        part.get(bytes, length, count);
        length += count;
        if (bodyAt < 0) {
            bodyAt = endOfHead();
            if (bodyAt < 0) {
                return false;
            }
            head = new String(bytes, 0, bodyAt, StandardCharsets.ISO_8859_1);
            bodyLength = bodyLength();
        }
        return bodyLength < 0 ? takeChunks() : takeBody();
    }

    private int endOfHead() {
        for (int i = 3; i < length; i++) {
            if (bytes[i] == '\n' && bytes[i - 1] == '\r' && bytes[i - 2] == '\n') {
                return i + 1;
            }
        }
        return -1;
    }

    /** -1: in chunks. */
    private int bodyLength() throws IOException {
        if (status() == 204) {
            return 0;
        }
        String length = header("content-length");
        if (!length.isEmpty()) {
            return Integer.parseInt(length);
        }
        if (header("transfer-encoding").equals("chunked")) {
            return -1;
        }
        throw new IOException("an answer without a length: " + head);
    }

    private boolean takeBody() {
        if (length < bodyAt + bodyLength) {
            return false;
        }
        body = Arrays.copyOfRange(bytes, bodyAt, bodyAt + bodyLength);
        return true;
    }

    private boolean takeChunks() {
        ByteBuffer whole = ByteBuffer.allocate(length);
        int at = bodyAt;
        while (true) {
            int end = at;
            while (end < length && bytes[end] != '\n') {
                end++;
            }
            if (end >= length) {
                return false;
            }
            int size = Integer.parseInt(new String(bytes, at, end - at, StandardCharsets.ISO_8859_1).trim(), 16);
            if (end + 1 + size + 2 > length) {
                return false;
            }
            if (size == 0) {
                body = Arrays.copyOf(whole.array(), whole.position());
                return true;
            }
            whole.put(bytes, end + 1, size);
            at = end + 1 + size + 2;
        }
    }

    int status() {
        return Integer.parseInt(head.substring(9, 12));
    }

    /** Empty when it is not there. */
    String header(String name) {
        String lower = head.toLowerCase(Locale.ROOT);
        int at = lower.indexOf("\r\n" + name + ":");
        if (at < 0) {
            return "";
        }
        int from = at + 3 + name.length();
        return head.substring(from, head.indexOf("\r\n", from)).trim();
    }

    /** Whether the server says that the connection ends with this answer. */
    boolean closes() {
        return header("connection").equalsIgnoreCase("close");
    }

    byte[] body() {
        return body;
    }
}

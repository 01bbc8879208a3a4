package io.lyftdata.logs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The stored form of a line: the JSON object that readers get, without its last brace, behind a time and a level that
 * always stand at the same place, so that reading filters and completes lines without parsing them.
 */
final class StoredLine {
    private static final byte[] TIME = ascii("{\"time\":\"");
    private static final byte[] LEVEL = ascii("\",\"level\":\"");
    private static final byte[] CLAIMED = ascii("\",\"claimedTime\":\"");
    private static final byte[] SOURCE = ascii("\",\"source\":\"");
    private static final byte[] MESSAGE = ascii("\",\"message\":\"");
    private static final byte[] TRUNCATED = ascii(",\"truncated\":true");
    private static final byte[] HEX = ascii("0123456789abcdef");
    /** {@code 2026-11-23T12:00:00.000Z} */
    private static final int TIME_LENGTH = 24;

    private static final int TIME_AT = TIME.length;
    private static final int LEVEL_AT = TIME_AT + TIME_LENGTH + LEVEL.length;

    private final ByteArrayOutputStream out;

    private StoredLine(ByteArrayOutputStream out) {
        this.out = out;
    }

    /** Begins a line. */
    static StoredLine of(ByteArrayOutputStream out, String time, Level level) {
        StoredLine line = new StoredLine(out);
        line.add(TIME);
        line.add(ascii(time));
        line.add(LEVEL);
        line.add(ascii(level.text()));
        return line;
    }

    /** The worker's own time, which the server did not believe. */
    void claimedTime(String text) {
        add(CLAIMED);
        add(ascii(text));
    }

    /** The rest, up to the line feed; texts are UTF-8, of which the first so many bytes count. */
    void finish(byte[] source, int sourceLength, byte[] message, int messageLength, boolean truncated) {
        add(SOURCE);
        escape(source, sourceLength);
        add(MESSAGE);
        escape(message, messageLength);
        out.write('"');
        if (truncated) {
            add(TRUNCATED);
        }
        out.write('\n');
    }

    static Level level(byte[] lines, int from) {
        return Level.ofInitial(lines[from + LEVEL_AT]);
    }

    /** These texts sort as the times do. */
    static String time(byte[] lines, int from) {
        return new String(lines, from + TIME_AT, TIME_LENGTH, StandardCharsets.ISO_8859_1);
    }

    /** What {@link #complete} puts behind each line of a worker. */
    static byte[] workerPart(String worker) {
        return ascii(",\"worker\":\"" + worker + "\",\"cursor\":\"");
    }

    /** Writes the line that ends before {@code to} as readers get it. */
    static void complete(byte[] lines, int from, int to, byte[] workerPart, String cursor, OutputStream out)
            throws IOException {
        out.write(lines, from, to - from);
        out.write(workerPart);
        out.write(ascii(cursor));
        out.write('"');
        out.write('}');
        out.write('\n');
    }

    /**
     * JSON's escapes (RFC 8259), and besides those the characters that some programs take for a line end or a
     * terminal's command: U+0080 to U+009F, U+2028, U+2029.
     */
    private void escape(byte[] text, int length) {
        int plain = 0;
        for (int at = 0; at < length; at++) {
            int width = specialWidth(text, at, length);
            if (width > 0) {
                out.write(text, plain, at - plain);
                escapeOne(text, at, width);
                at += width - 1;
                plain = at + 1;
            }
        }
        out.write(text, plain, length - plain);
    }

    /** How many bytes the character takes when it must be escaped, else 0. */
    private static int specialWidth(byte[] text, int at, int length) {
        byte b = text[at];
        if (b >= 0) {
            return b < ' ' || b == '"' || b == '\\' ? 1 : 0;
        }
        if (b == (byte) 0xc2) {
            return at + 1 < length && text[at + 1] < (byte) 0xa0 ? 2 : 0;
        }
        boolean isSeparator = b == (byte) 0xe2
                && at + 2 < length
                && text[at + 1] == (byte) 0x80
                && (text[at + 2] == (byte) 0xa8 || text[at + 2] == (byte) 0xa9);
        return isSeparator ? 3 : 0;
    }

    private void escapeOne(byte[] text, int at, int width) {
        out.write('\\');
        byte b = text[at];
        if (b == '"' || b == '\\') {
            out.write(b);
            return;
        }
        int c = width == 1 ? b : width == 2 ? text[at + 1] & 0xff : 0x2000 | (text[at + 2] & 0x3f);
        out.write('u');
        for (int shift = 12; shift >= 0; shift -= 4) {
            out.write(HEX[(c >> shift) & 0xf]);
        }
    }

    private void add(byte[] bytes) {
        out.write(bytes, 0, bytes.length);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}

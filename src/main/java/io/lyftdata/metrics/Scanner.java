package io.lyftdata.metrics;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Walks over the tokens of an exposition and counts its lines. The last byte must be a line feed: it ends every scan,
 * so no loop here asks for the end of the array. For one thread.
 */
final class Scanner {
    private static final int MAX_NUMBER = 64;
    private static final byte NAME_START = 1;
    private static final byte NAME = 2;
    private static final byte COLON = 4;
    private static final byte[] CLASSES = classes();

    final byte[] bytes;
    /** The byte that is looked at next. */
    int at;
    /** Where the token that was read last begins; it ends before {@link #end}. */
    int start;

    int end;
    private int line = 1;

    Scanner(byte[] bytes) {
        this.bytes = bytes;
    }

    private static byte[] classes() {
        byte[] classes = new byte[256];
        for (int c = 0; c < 128; c++) {
            if (Character.isLetter(c) || c == '_') {
                classes[c] = NAME_START | NAME;
            } else if (Character.isDigit(c)) {
                classes[c] = NAME;
            } else if (c == ':') {
                classes[c] = COLON;
            }
        }
        return classes;
    }

    Refusal refusal(String sentence) {
        return new Refusal(Code.UNPROCESSABLE, "metrics line " + line + ": " + sentence);
    }

    /** Refuses a document whose end may have been cut off. */
    void requireFinalLineFeed() {
        if (bytes.length > 0 && bytes[bytes.length - 1] != '\n') {
            for (byte b : bytes) {
                line += b == '\n' ? 1 : 0;
            }
            throw refusal("the last line has no line feed at its end; send the whole exposition");
        }
    }

    boolean hasMore() {
        return at < bytes.length;
    }

    byte peek() {
        return bytes[at];
    }

    boolean take(char expected) {
        if (bytes[at] != expected) {
            return false;
        }
        at++;
        return true;
    }

    void skipBlanks() {
        while (isBlank(bytes[at])) {
            at++;
        }
    }

    static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    void skipLine() {
        while (bytes[at] != '\n') {
            at++;
        }
        nextLine();
    }

    /** Nothing but blanks may be left on the line. */
    void endLine() {
        skipBlanks();
        if (bytes[at] != '\n') {
            throw refusal("there is more on the line than a sample or comment takes");
        }
        nextLine();
    }

    private void nextLine() {
        at++;
        line++;
    }

    /** {@code [a-zA-Z_:][a-zA-Z0-9_:]*} */
    void metricName(int limit) {
        name(NAME_START | COLON, NAME | COLON, limit, "a metric name begins with a letter, '_' or ':'");
    }

    /** {@code [a-zA-Z_][a-zA-Z0-9_]*} */
    void labelName(int limit) {
        name(NAME_START, NAME, limit, "a label name begins with a letter or '_'");
    }

    private void name(int first, int others, int limit, String rule) {
        start = at;
        if ((CLASSES[bytes[at] & 0xff] & first) == 0) {
            throw refusal(rule);
        }
        while ((CLASSES[bytes[at] & 0xff] & others) != 0) {
            at++;
        }
        end = at;
        if (end - start > limit) {
            throw refusal("a name is longer than " + limit + " characters");
        }
    }

    /** What stands up to the next blank or line end. */
    void word() {
        start = at;
        while (!isBlank(bytes[at]) && bytes[at] != '\n') {
            at++;
        }
        end = at;
    }

    /** The rest of the line, which is text with the escapes {@code \\} and {@code \n}. */
    void restOfLine(int limit) {
        text('\n', false, limit, "a help text");
    }

    /** A label's value behind its opening quote, with the escapes {@code \\}, {@code \"} and {@code \n}. */
    void quoted(int limit) {
        text('"', true, limit, "a label value");
        at++;
    }

    private void text(char closing, boolean quoteEscapes, int limit, String what) {
        start = at;
        byte seen = 0;
        while (bytes[at] != closing) {
            byte b = bytes[at];
            seen |= b;
            if (b >= 0 && b < ' ' && b != '\t') {
                throw refusal(what + (b == '\n' ? " does not end on its line" : " has a control character in it"));
            }
            if (b == '\\') {
                byte escaped = bytes[++at];
                if (escaped != '\\' && escaped != 'n' && (escaped != '"' || !quoteEscapes)) {
                    throw refusal(what + " has an escape other than \\\\, \\\" and \\n");
                }
            }
            at++;
        }
        end = at;
        if (end - start > limit) {
            throw refusal(what + " is longer than " + limit + " bytes");
        }
        if (seen < 0) {
            requireUtf8(what);
        }
    }

    private void requireUtf8(String what) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, start, end - start));
        } catch (CharacterCodingException e) {
            throw refusal(what + " is not UTF-8");
        }
    }

    /** The token's bytes, which are ASCII. */
    String token() {
        return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
    }

    /** The text between two positions. */
    String text(int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    /** A value, canonical where it is none of the ordinary numbers; what Go's ParseFloat takes, without hex and '_'. */
    byte[] value() {
        word();
        return Numbers.canonical(bytes, start, numberEnd())
                .orElseThrow(() -> refusal("the value is not a number (a float, NaN, +Inf or -Inf)"));
    }

    /** Milliseconds since the epoch. */
    byte[] timestamp() {
        word();
        try {
            return Long.toString(Long.parseLong(text(start, numberEnd()))).getBytes(StandardCharsets.US_ASCII);
        } catch (NumberFormatException e) {
            throw refusal("the timestamp is not a whole number of milliseconds");
        }
    }

    private int numberEnd() {
        if (end - start > MAX_NUMBER) {
            throw refusal("a number is longer than " + MAX_NUMBER + " characters");
        }
        return end;
    }

    int compare(int leftFrom, int leftTo, int rightFrom, int rightTo) {
        return Arrays.compare(bytes, leftFrom, leftTo, bytes, rightFrom, rightTo);
    }
}

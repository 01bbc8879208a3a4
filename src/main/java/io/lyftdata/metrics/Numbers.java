package io.lyftdata.metrics;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The numbers of the text format: what Go's ParseFloat takes, without hexadecimal, underscores and overflow. */
final class Numbers {
    private static final byte[] NAN = "NaN".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PLUS_INFINITY = "+Inf".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] MINUS_INFINITY = "-Inf".getBytes(StandardCharsets.US_ASCII);

    private Numbers() {}

    /** The number as every reader takes it; empty when it is none. */
    static Optional<byte[]> canonical(byte[] bytes, int from, int to) {
        int at = from < to && isSign(bytes[from]) ? from + 1 : from;
        int whole = digits(bytes, at, to);
        int next = whole;
        int digits = whole - at;
        if (next < to && bytes[next] == '.') {
            int fraction = digits(bytes, next + 1, to);
            digits += fraction - next - 1;
            next = fraction;
        }
        if (digits == 0) {
            return special(bytes, from, to);
        }
        if (next == to) {
            return Optional.of(Arrays.copyOfRange(bytes, from, to));
        }
        return isExponent(bytes, next, to) && isFinite(bytes, from, to)
                ? Optional.of(Arrays.copyOfRange(bytes, from, to))
                : Optional.empty();
    }

    private static boolean isSign(byte b) {
        return b == '+' || b == '-';
    }

    private static int digits(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        return at;
    }

    private static boolean isExponent(byte[] bytes, int from, int to) {
        if (bytes[from] != 'e' && bytes[from] != 'E') {
            return false;
        }
        int at = from + 1 < to && isSign(bytes[from + 1]) ? from + 2 : from + 1;
        return at < to && digits(bytes, at, to) == to;
    }

    /** A reader would refuse the whole exposition for one 1e999. */
    private static boolean isFinite(byte[] bytes, int from, int to) {
        return Double.isFinite(Double.parseDouble(text(bytes, from, to)));
    }

    private static Optional<byte[]> special(byte[] bytes, int from, int to) {
        return switch (text(bytes, from, to).toLowerCase(Locale.ROOT)) {
            case "nan" -> Optional.of(NAN);
            case "inf", "+inf", "infinity", "+infinity" -> Optional.of(PLUS_INFINITY);
            case "-inf", "-infinity" -> Optional.of(MINUS_INFINITY);
            default -> Optional.empty();
        };
    }

    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
}

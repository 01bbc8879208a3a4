package io.lyftdata.crypto;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/**
 * A key of ours: {@code lyd_KIND_ID_SECRET}, all ASCII.
 *
 * <p>ID is 128 random bits as 32 lower-case hex digits and is public. SECRET is 256 random bits as 64 hex digits and 8
 * check digits, the CRC-32 (ISO 3309) of all that stands before them: a mistyped key is refused without a look-up.
 */
public final class KeyString {
    /** What a key is for; the code is the second part of the string. */
    public enum Kind {
        SESSION("se"),
        API_TOKEN("at"),
        WORKER("wk"),
        ENROLLMENT("en"),
        HOST("ho");

        private static final Map<String, Kind> BY_CODE =
                Arrays.stream(values()).collect(Collectors.toMap(kind -> kind.code, kind -> kind));

        private final String code;

        Kind(String code) {
            this.code = code;
        }

        private static Optional<Kind> ofCode(String code) {
            return Optional.ofNullable(BY_CODE.get(code));
        }
    }

    private static final int ID_AT = 7;
    private static final int ID_LENGTH = 32;
    private static final int SECRET_AT = ID_AT + ID_LENGTH + 1;
    private static final int LENGTH = 112;
    private static final Pattern IN_TEXT =
            Pattern.compile("(lyd_[a-z]{2}_[0-9a-f]{32}_)[0-9a-z]*", Pattern.CASE_INSENSITIVE);
    private static final int CHECK_DIGITS = 8;

    private final Kind kind;
    private final String id;
    private final String text;

    private KeyString(Kind kind, String id, String text) {
        this.kind = kind;
        this.id = id;
        this.text = text;
    }

    public static KeyString generate(Kind kind) {
        String id = Randomness.hex(128);
        String body = "lyd_" + kind.code + "_" + id + "_" + Randomness.hex(256);
        return new KeyString(kind, id, body + checkDigits(body));
    }

    /** The text, such as a path, without the secret of any key in it. */
    public static String redacted(String text) {
        return IN_TEXT.matcher(text).replaceAll("$1[redacted]");
    }

    /** Empty when the text is no key of ours or its check digits do not fit. */
    public static Optional<KeyString> parse(String text) {
        if (text == null || !hasShape(text)) {
            return Optional.empty();
        }
        String body = text.substring(0, text.length() - CHECK_DIGITS);
        if (!text.endsWith(checkDigits(body))) {
            return Optional.empty();
        }
        return Kind.ofCode(text.substring(4, 6))
                .map(kind -> new KeyString(kind, text.substring(ID_AT, ID_AT + ID_LENGTH), text));
    }

    private static boolean hasShape(String text) {
        return text.length() == LENGTH
                && text.startsWith("lyd_")
                && text.charAt(ID_AT - 1) == '_'
                && isHex(text, ID_AT, SECRET_AT - 1)
                && text.charAt(SECRET_AT - 1) == '_'
                && isHex(text, SECRET_AT, LENGTH);
    }

    /** Whether the text has the form of a key's public id. */
    public static boolean isPublicId(String text) {
        return text != null && text.length() == ID_LENGTH && isHex(text, 0, ID_LENGTH);
    }

    private static boolean isHex(String text, int begin, int end) {
        for (int i = begin; i < end; i++) {
            char digit = text.charAt(i);
            if ((digit < '0' || digit > '9') && (digit < 'a' || digit > 'f')) {
                return false;
            }
        }
        return true;
    }

    private static String checkDigits(String body) {
        CRC32 crc = new CRC32();
        crc.update(body.getBytes(StandardCharsets.US_ASCII));
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }

    public Kind kind() {
        return kind;
    }

    /** The public part: for look-up and logs. */
    public String id() {
        return id;
    }

    /** SHA-256 of the whole string in lower-case hex: all that a server stores. */
    public String hash() {
        return Digests.sha256Hex(text);
    }

    /** The whole key: for the wire and for the file that keeps it. */
    public String reveal() {
        return text;
    }

    @Override
    public String toString() {
        return "lyd_" + kind.code + "_" + id + "_[redacted]";
    }
}

package io.lyftdata.api;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.google.common.base.CharMatcher;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The newest link of a server's audit log under that server's signature. Any JSON value can be read as one: what is none
 * becomes one without a shape, so a strange head never costs a heartbeat.
 *
 * @param installation whose log it is
 * @param segment the run of records it belongs to
 * @param position 1 for the first record
 * @param hash of that record, 64 lower-case hex digits
 * @param signature Ed25519 over {@link #signedBytes()}, base64
 */
public record AuditHead(String installation, String segment, long position, String hash, String signature) {
    private static final int LONGEST = 128;
    private static final CharMatcher BASE64 = CharMatcher.inRange('0', '9')
            .or(CharMatcher.inRange('A', 'Z'))
            .or(CharMatcher.inRange('a', 'z'))
            .or(CharMatcher.anyOf("+/="))
            .precomputed();

    /** Reads JSON of any shape. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static AuditHead of(Object json) {
        Map<?, ?> fields = json instanceof Map<?, ?> map ? map : Map.of();
        boolean isWhole = fields.get("position") instanceof Number number
                && (number instanceof Integer || number instanceof Long)
                && number.longValue() > 0;
        return new AuditHead(
                word(fields, "installation"),
                word(fields, "segment"),
                isWhole ? ((Number) fields.get("position")).longValue() : 0,
                word(fields, "hash"),
                word(fields, "signature"));
    }

    private static String word(Map<?, ?> fields, String name) {
        return fields.get(name) instanceof String text && text.length() <= LONGEST && BASE64.matchesAllOf(text)
                ? text
                : "";
    }

    /** Whether every field has a value that a head can have. */
    public boolean hasShape() {
        return position > 0 && !installation.isEmpty() && !segment.isEmpty() && !hash.isEmpty() && !signature.isEmpty();
    }

    /** Whether it says more than the other: it is further on in the same segment, or in another one. */
    public boolean isNewerThan(AuditHead other) {
        return !segment.equals(other.segment) || position > other.position;
    }

    /** The bytes under the signature: purpose and fields joined by LF. */
    public byte[] signedBytes() {
        return String.join("\n", "lyftdata-audit-head-v1", installation, segment, Long.toString(position), hash)
                .getBytes(StandardCharsets.US_ASCII);
    }

    public AuditHead signed(String newSignature) {
        return new AuditHead(installation, segment, position, hash, newSignature);
    }
}

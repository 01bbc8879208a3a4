package io.lyftdata.api.audit;

/**
 * {@code POST /api/audit/export}: a file holds these records now, and will not lose them.
 *
 * @param first position of its first record
 * @param last position of its last record
 * @param hash of its last record
 */
public record Exported(long first, long last, String hash) {
    public static final String PATH = "/api/audit/export";
    /** One record a line. */
    public static final String MEDIA_TYPE = "application/x-ndjson";
}

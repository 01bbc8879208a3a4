package io.lyftdata.api.audit;

/**
 * {@code POST /api/audit/prune}: the records up to this one were exported and shall be deleted.
 *
 * @param position of the last record to go
 * @param hash of that record
 */
public record Prune(long position, String hash) {
    public static final String PATH = "/api/audit/prune";
}

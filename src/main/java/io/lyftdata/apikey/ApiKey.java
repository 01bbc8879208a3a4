package io.lyftdata.apikey;

import java.time.Instant;

/**
 * A key as it is stored: never the key itself.
 *
 * @param id public, never used twice
 * @param hash SHA-256 of the whole key string, lower-case hex
 * @param expiresAt null: no end
 * @param revokedAt when it ended for good, for whatever reason; null while it lives
 * @param ledger the ledger's last entry when it was made
 */
public record ApiKey(
        String id,
        String workerId,
        Kind kind,
        State state,
        String hash,
        Instant createdAt,
        Instant expiresAt,
        Instant firstUsedAt,
        Instant revokedAt,
        long ledger) {
    /** Who made the key, and so what it may do. */
    public enum Kind {
        /** Made at the server; its one use is to register the worker's own. */
        BOOTSTRAP,
        /** Made at the worker. */
        WORKER
    }

    /** Where a key is in its life. */
    public enum State {
        ACTIVE,
        /** A bootstrap key that has done its work. */
        USED,
        REVOKED
    }

    public boolean hasExpired(Instant now) {
        return expiresAt != null && !now.isBefore(expiresAt);
    }
}

package io.lyftdata.apikey;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * A key as it is stored: never the key itself.
 *
 * @param id public, never used twice
 * @param hash SHA-256 of the whole key string, lower-case hex
 * @param expiresAt null: no end
 * @param supersededAt when its successor was first used; null while it has none
 * @param revokedAt when it ended for good, for whatever reason; null while it lives
 * @param ledger the ledger's last entry when it was made
 * @param rotation the last order to rotate when it was made
 * @param labels of its worker, those that count
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
        Instant supersededAt,
        Instant revokedAt,
        long ledger,
        long rotation,
        Map<String, String> labels) {
    /** How far a clock is set back at most without a key from the time after it being refused. */
    private static final Duration SET_BACK = Duration.ofDays(1);

    private static final Duration OVERLAP_SET_BACK = Duration.ofMinutes(2);

    /** Who made the key, and so what it may do. */
    public enum Kind {
        /** Made at the server; its one use is to register the worker's own. */
        BOOTSTRAP,
        /** Made at the worker. */
        WORKER
    }

    /** Where a key is in its life. */
    public enum State {
        /** Registered under the current one, and not used yet. */
        PENDING,
        /** The current one, or a bootstrap key that waits. */
        ACTIVE,
        /** Its successor is in use. */
        OLD,
        /** A bootstrap key that has done its work. */
        USED,
        REVOKED
    }

    /**
     * Whether its time is over, or not yet come: a clock that was set back prolongs no key's life.
     *
     * @param now the server's clock
     */
    public boolean hasExpired(Instant now) {
        boolean isFromTheFuture = state == State.OLD
                ? now.isBefore(supersededAt.minus(OVERLAP_SET_BACK))
                : now.isBefore(createdAt.minus(SET_BACK));
        return isFromTheFuture || (expiresAt != null && !now.isBefore(expiresAt));
    }

    /** Whether the server still accepts it but for its time. */
    boolean isLive() {
        return state == State.PENDING || state == State.ACTIVE || state == State.OLD;
    }
}

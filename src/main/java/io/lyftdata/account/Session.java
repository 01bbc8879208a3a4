package io.lyftdata.account;

import io.lyftdata.auth.Role;
import java.time.Instant;

/**
 * A stored session with its account's role; never the session's key.
 *
 * @param hash SHA-256 of the whole key string
 * @param lastUsedAt to the minute
 * @param expiresAt the absolute end
 * @param revokedAt null when it is not
 * @param ledger the ledger's last entry when its password was judged
 */
public record Session(
        String id,
        String account,
        Role role,
        String hash,
        Instant createdAt,
        Instant lastUsedAt,
        Instant expiresAt,
        Instant revokedAt,
        long ledger) {}

package io.lyftdata.token;

import io.lyftdata.api.Accounts;
import io.lyftdata.auth.Role;
import java.time.Instant;
import java.util.List;

/**
 * A stored token; never the token itself.
 *
 * @param owner who issued it
 * @param sources addresses or networks it may be used from; empty: anywhere
 * @param hash SHA-256 of the whole key string
 * @param lastUsedAt to the minute; null when never
 * @param revokedAt null when it is not
 * @param ledger the ledger's last entry when it was issued
 */
public record Token(
        String id,
        String name,
        Role role,
        String owner,
        List<String> sources,
        String hash,
        Instant createdAt,
        Instant expiresAt,
        Instant lastUsedAt,
        Instant revokedAt,
        long ledger) {

    boolean hasExpired(Instant now) {
        return !now.isBefore(expiresAt);
    }

    Accounts.Token view(Instant now, boolean isRevoked) {
        String state = isRevoked ? "revoked" : hasExpired(now) ? "expired" : "active";
        return new Accounts.Token(
                id, name, role.wire(), owner, sources, state, createdAt, expiresAt, lastUsedAt, revokedAt);
    }
}

package io.lyftdata.enrollment;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A shared secret as it is stored: never the secret itself.
 *
 * @param id public
 * @param hash SHA-256 in lower-case hex
 * @param fingerprint how the ledger calls it
 * @param active whether it is the one in force; at most one is
 * @param retiredAt until when it is accepted, though another took its place; null while it is active
 * @param admitted how many workers joined by it
 * @param expiresAt null: never
 * @param useLimit how many may join by it; null: any number
 * @param sources addresses or networks that workers join from; empty: any
 * @param labels those that a worker must have
 */
public record EnrollmentSecret(
        String id,
        String hash,
        String fingerprint,
        boolean active,
        Instant createdAt,
        String createdBy,
        Instant retiredAt,
        long admitted,
        Instant lastUsedAt,
        String lastUsedBy,
        Instant expiresAt,
        Long useLimit,
        List<String> sources,
        Map<String, String> labels) {

    boolean hasExpired(Instant now) {
        return expiresAt != null && !now.isBefore(expiresAt);
    }

    boolean isUsedUp() {
        return useLimit != null && admitted >= useLimit;
    }

    /** Whether workers may join by it, as far as the database knows. */
    boolean isUsable(Instant now) {
        boolean isInForce = active || (retiredAt != null && now.isBefore(retiredAt));
        return isInForce && !hasExpired(now) && !isUsedUp();
    }
}

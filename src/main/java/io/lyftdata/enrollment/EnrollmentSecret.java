package io.lyftdata.enrollment;

import java.time.Instant;

/**
 * A shared secret as it is stored: never the secret itself.
 *
 * @param id public
 * @param hash SHA-256 in lower-case hex
 * @param fingerprint how the ledger calls it
 * @param active whether workers may join by it; at most one is
 * @param admitted how many workers joined by it
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
        String lastUsedBy) {}

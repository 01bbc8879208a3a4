package io.lyftdata.enrollment;

import io.lyftdata.auth.AuthorizationHeader;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.ledger.Ledger;

/** What may become the secret: all of it that is kept. */
record Candidate(String id, String hash, String fingerprint) {
    private static final int SHORTEST = 32;

    /** @throws IllegalArgumentException when it is too short, too long, or no header can carry it */
    static Candidate of(Secret secret, Ledger ledger) {
        String text = secret.reveal();
        if (text.length() < SHORTEST || !AuthorizationHeader.canCarry(text)) {
            throw new IllegalArgumentException("an enrollment secret has " + SHORTEST + " to "
                    + AuthorizationHeader.LONGEST_SECRET + " printable ASCII characters, without spaces and commas");
        }
        return new Candidate(idOf(text), Digests.sha256Hex(text), ledger.nameOf(secret));
    }

    /** A secret of our making holds its public id. */
    private static String idOf(String secret) {
        return KeyString.parse(secret).map(KeyString::id).orElseGet(() -> Randomness.hex(128));
    }

    /** In force from now on. */
    EnrollmentSecret secret(String createdBy, Conditions conditions) {
        return new EnrollmentSecret(
                id,
                hash,
                fingerprint,
                true,
                conditions.since(),
                createdBy,
                null,
                0,
                null,
                null,
                conditions.expiresAt(),
                conditions.limit(),
                conditions.sources(),
                conditions.labels());
    }
}

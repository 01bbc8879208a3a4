package io.lyftdata.worker;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A worker as the registry keeps it.
 *
 * @param id its name, lower-cased
 * @param state what an operator has decided of it
 * @param labels those that count
 * @param identity its Ed25519 public key in base64; null until it first registers a key of its own
 * @param firstKeyHash the key hash it enrolled with, by which a retry is known; null when it did not enroll
 * @param admittedBy id of the enrollment secret or bootstrap key
 */
public record Worker(
        String id,
        State state,
        Map<String, String> labels,
        String identity,
        String firstKeyHash,
        Instant createdAt,
        String admittedBy,
        String admittedFrom,
        Instant admittedAt) {
    /** What an operator has decided of a worker. */
    public enum State {
        ACTIVE,
        ISOLATED,
        REMOVED
    }

    public Optional<String> boundIdentity() {
        return Optional.ofNullable(identity);
    }
}

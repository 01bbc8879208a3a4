package io.lyftdata.apikey;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.Times;
import io.lyftdata.crypto.Identity;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** Checks that a request was signed by an identity key, lately. */
public final class Proofs {
    private static final Duration TOLERANCE = Duration.ofMinutes(2);

    private final Clock clock;

    public Proofs(Clock clock) {
        this.clock = clock;
    }

    /**
     * Returns when the signature is the identity's and the time is within 120 s of ours.
     *
     * @param time the signer's clock, epoch milliseconds
     * @throws Refusal {@code proof_missing}, {@code proof_invalid}, or {@code proof_expired} with our {@code serverTime}
     */
    public void check(String identityKey, byte[] signed, String signature, long time) {
        if (identityKey == null || signature == null) {
            throw new Refusal(Code.PROOF_MISSING, "identityKey and signature are needed");
        }
        if (!Identity.isPublicKey(identityKey)) {
            throw new Refusal(
                    Code.PROOF_INVALID, "identityKey must be an Ed25519 SubjectPublicKeyInfo in base64 (RFC 8410)");
        }
        if (!Identity.verify(identityKey, signed, signature)) {
            throw new Refusal(Code.PROOF_INVALID, "the signature is not that of the identity key over this request");
        }
        Instant now = clock.instant();
        Duration off = Duration.between(now, Instant.ofEpochMilli(time)).abs();
        if (off.compareTo(TOLERANCE) > 0) {
            throw new Refusal(
                            Code.PROOF_EXPIRED,
                            "the worker's clock is " + off.toSeconds()
                                    + " s off; sign anew with serverTime, and set the clock")
                    .with("serverTime", Times.format(now));
        }
    }
}

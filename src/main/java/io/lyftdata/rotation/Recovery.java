package io.lyftdata.rotation;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.Times;
import io.lyftdata.api.WorkerKey;
import io.lyftdata.api.WorkerName;
import io.lyftdata.api.rotation.Recover;
import io.lyftdata.apikey.ApiKeys;
import io.lyftdata.apikey.WorkerKeys;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Origin;
import io.lyftdata.auth.RefusalLimiter;
import io.lyftdata.auth.Role;
import io.lyftdata.clone.Clones;
import io.lyftdata.crypto.Identity;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.worker.Isolation;
import io.lyftdata.worker.Worker;
import io.lyftdata.worker.Workers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way back for a worker whose key is refused: its identity key proves who it is, and the key that it registers ends
 * all its others. A proof counts once, for 120 s, and not over a restart. Safe for use by many threads.
 */
public final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
    private static final Duration TOLERANCE = Duration.ofMinutes(2);
    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final int REFUSALS_PER_MINUTE = 60;

    private final Workers workers;
    private final Isolation isolation;
    private final WorkerKeys keys;
    private final Clones clones;
    private final Clock clock;
    private final AtomicReference<Instant> started;
    private final Nonces nonces;
    private final RefusalLimiter limiter;

    /** @param ticks monotonic nanoseconds */
    public Recovery(
            Workers workers, Isolation isolation, WorkerKeys keys, Clones clones, Clock clock, LongSupplier ticks) {
        this.workers = workers;
        this.isolation = isolation;
        this.keys = keys;
        this.clones = clones;
        this.clock = clock;
        this.started = new AtomicReference<>(clock.instant());
        this.nonces = new Nonces(clock, ticks, TOLERANCE);
        this.limiter = new RefusalLimiter(REFUSALS_PER_MINUTE, ticks);
    }

    /**
     * Registers another key for the worker that the proof is of; the same again, with a new proof, answers the same. When
     * another process lives as that worker, the alarm is on record before.
     *
     * @param instance of the worker's process, as the request says; null when it does not
     * @throws Refusal {@code proof_invalid}, {@code proof_expired} or {@code proof_reused} with the server's time and
     *     installation, to sign anew with; {@code worker_isolated}, {@code key_taken}
     */
    public WorkerKey.Answer recover(Origin origin, String instance, Recover.Request wish, String installation) {
        ApiKeys.checkKey(wish.keyId(), wish.keyHash());
        if (!KeyString.isPublicId(wish.nonce())) {
            throw new Refusal(Code.UNPROCESSABLE, "nonce must be 32 lower-case hex digits, never used before");
        }
        if (wish.signature() == null) {
            throw new Refusal(Code.PROOF_MISSING, "signature is needed: that of the worker's identity key");
        }
        Worker worker = prover(wish, installation).orElseThrow(() -> unproved(origin, installation));
        isolation.refuse(worker.id(), worker.identity());
        checkTime(wish, installation);
        checkNonce(worker.id(), wish, installation);
        Caller caller = new Caller(Caller.Kind.WORKER, worker.id(), Role.WORKER, wish.keyId(), origin);
        clones.recovering(caller, instance, keys.hasOther(caller));
        isolation.accept(worker.id());
        if (keys.renew(caller, wish.keyHash())) {
            LOG.info("worker {} recovered from {} with key {}", worker.id(), origin.text(), wish.keyId());
        }
        return new WorkerKey.Answer(worker.id(), wish.keyId(), installation);
    }

    private Optional<Worker> prover(Recover.Request wish, String installation) {
        return WorkerName.toId(wish.workerId())
                .flatMap(workers::known)
                .filter(worker -> worker.boundIdentity()
                        .filter(identity -> Identity.verify(identity, wish.signedBytes(installation), wish.signature()))
                        .isPresent());
    }

    private Refusal unproved(Origin origin, String installation) {
        return limiter.refuse(origin)
                .map(wait -> new Refusal(
                                Code.TOO_MANY_REQUESTS,
                                "too many refused proofs from this address: wait, and sign with the worker's own"
                                        + " identity key")
                        .retryAfter(wait))
                .orElseGet(() -> signAnew(
                        Code.PROOF_INVALID,
                        "no worker of this name has signed this; sign anew for this installation, by the identity key"
                                + " of the worker's jobs directory",
                        installation));
    }

    /** A clock that was set back since the start must not shut everybody out until it has caught up. */
    private void checkTime(Recover.Request wish, String installation) {
        Instant now = clock.instant();
        Instant time = Instant.ofEpochMilli(wish.time());
        Duration off = Duration.between(now, time).abs();
        if (off.compareTo(TOLERANCE) > 0) {
            throw signAnew(
                    Code.PROOF_EXPIRED,
                    "the worker's clock is " + off.toSeconds() + " s off; sign anew with serverTime, and set the clock",
                    installation);
        }
        if (time.isBefore(started.updateAndGet(start -> now.isBefore(start) ? now : start))) {
            throw signAnew(Code.PROOF_EXPIRED, "this was signed before the server started; sign anew", installation);
        }
    }

    private void checkNonce(String worker, Recover.Request wish, String installation) {
        switch (nonces.keep(worker, wish.nonce(), Instant.ofEpochMilli(wish.time()))) {
            case NEW -> {}
            case REUSED ->
                throw signAnew(Code.PROOF_REUSED, "this proof was used before; sign a new nonce", installation);
            case TOO_MANY ->
                throw new Refusal(Code.TOO_MANY_REQUESTS, "this worker has recovered too often; wait").retryAfter(WAIT);
        }
    }

    private Refusal signAnew(Code code, String sentence, String installation) {
        return new Refusal(code, sentence)
                .with("installation", installation)
                .with("serverTime", Times.format(clock.instant()));
    }
}

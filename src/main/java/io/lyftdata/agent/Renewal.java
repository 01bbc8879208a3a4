package io.lyftdata.agent;

import io.lyftdata.api.Code;
import io.lyftdata.api.Heartbeat;
import io.lyftdata.api.Problem;
import io.lyftdata.api.WorkerKey;
import io.lyftdata.api.rotation.Recover;
import io.lyftdata.client.ApiFailure;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.crypto.Randomness;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the worker's key one that the server accepts. The next key is on disk before the server hears of it, and the
 * present one stays until the next has been accepted: whatever is lost, one of the two counts, or the identity key brings
 * the worker back. Used by one thread.
 */
final class Renewal {
    private static final Logger LOG = LoggerFactory.getLogger(Renewal.class);
    /** A refusal may be that of a server which is being restored: the held key is tried again before another is made. */
    private static final int REFUSALS = 2;

    private static final Set<Code> REFUSED = Set.of(Code.KEY_UNKNOWN, Code.KEY_EXPIRED, Code.KEY_REVOKED);
    private static final Set<Code> SIGN_ANEW = Set.of(Code.PROOF_INVALID, Code.PROOF_EXPIRED, Code.PROOF_REUSED);

    private final WorkerState state;
    private final ServerLink link;
    private final ServerClock time;
    private final Supplier<Heartbeat.Request> greeting;
    private int refusals;

    /** @param greeting the heartbeat that uses a key */
    Renewal(WorkerState state, ServerLink link, ServerClock time, Supplier<Heartbeat.Request> greeting) {
        this.state = state;
        this.link = link;
        this.time = time;
        this.greeting = greeting;
    }

    /** One heartbeat, by whichever key the server accepts; the worker must have joined. */
    Heartbeat.Answer beat() {
        if (state.next().isPresent()) {
            Optional<Heartbeat.Answer> answer = tryNext();
            if (answer.isPresent()) {
                return answer.get();
            }
        }
        try {
            Heartbeat.Answer answer = link.api().heartbeat(greeting.get());
            refusals = 0;
            return answer;
        } catch (ApiFailure failure) {
            if (!isOneOf(failure, REFUSED) || ++refusals < REFUSALS) {
                throw failure;
            }
            LOG.warn("the server refuses key {}: {}", state.key().id(), failure.getMessage());
            recover();
            return useNext();
        }
    }

    /** A call or answer was lost, or the process ended: only the server knows how far it came. */
    private Optional<Heartbeat.Answer> tryNext() {
        try {
            return Optional.of(useNext());
        } catch (ApiFailure failure) {
            if (!isOneOf(failure, REFUSED)) {
                throw failure;
            }
            state.dropNext();
            return Optional.empty();
        }
    }

    private Heartbeat.Answer useNext() {
        KeyString next = state.next().orElseThrow();
        Heartbeat.Answer answer = link.api().under(next).heartbeat(greeting.get());
        link.use(next);
        state.adoptNext();
        refusals = 0;
        LOG.info("key {} is in use from now on", next.id());
        return answer;
    }

    /** Replaces the present key by a new one; what fails is tried again after the next heartbeat. */
    void rotate() {
        try {
            KeyString next = state.makeNext();
            signedAnew(() -> announce(next));
            useNext();
        } catch (ApiFailure failure) {
            LOG.warn("the key is due and could not be rotated yet: {}", failure.getMessage());
        } catch (UncheckedIOException failure) {
            LOG.warn("the key is due, but the jobs directory cannot be written: check its disk and owner");
        }
    }

    private void announce(KeyString next) {
        String publicKey = state.identity().publicKey();
        WorkerKey.Request wish = new WorkerKey.Request(next.id(), next.hash(), publicKey, time.millis(), null);
        String signature = state.identity().sign(wish.signedBytes(workerId()));
        link.api().putKey(wish.signed(signature), new Secret(state.key().reveal()));
    }

    private void recover() {
        KeyString next = state.makeNext();
        signedAnew(() -> prove(next));
        LOG.info("worker {} has proved who it is, and registered key {}", workerId(), next.id());
    }

    private void prove(KeyString next) {
        Recover.Request wish =
                new Recover.Request(workerId(), next.id(), next.hash(), time.millis(), Randomness.hex(128), null);
        String installation = state.facts().map(WorkerState.Facts::installation).orElse("");
        link.api().recover(wish.signed(state.identity().sign(wish.signedBytes(String.valueOf(installation)))));
    }

    /** Once more, when the server says what to sign. */
    private void signedAnew(Runnable call) {
        try {
            call.run();
        } catch (ApiFailure failure) {
            if (!isOneOf(failure, SIGN_ANEW) || !time.learn(failure)) {
                throw failure;
            }
            learnInstallation(failure);
            call.run();
        }
    }

    private void learnInstallation(ApiFailure failure) {
        Optional<String> told = failure.problem()
                .map(Problem::facts)
                .map(facts -> facts.get("installation"))
                .map(String::valueOf);
        WorkerState.Facts facts = state.facts().orElseThrow();
        if (told.isPresent() && !told.get().equals(facts.installation())) {
            state.save(facts.joinedAs(facts.workerId(), told.get()));
        }
    }

    private String workerId() {
        return state.facts().orElseThrow().workerId();
    }

    private static boolean isOneOf(ApiFailure failure, Set<Code> codes) {
        return codes.stream().anyMatch(failure::is);
    }
}

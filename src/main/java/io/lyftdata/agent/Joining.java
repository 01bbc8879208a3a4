package io.lyftdata.agent;

import io.lyftdata.api.Code;
import io.lyftdata.api.Enroll;
import io.lyftdata.api.Heartbeat;
import io.lyftdata.api.WorkerKey;
import io.lyftdata.client.ApiFailure;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.Identity;
import io.lyftdata.crypto.KeyString;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the server know the worker's key. Identity and key are on disk before the first call and stay the same whatever
 * the server answers, so an attempt can be repeated after any loss. Used by one thread.
 */
final class Joining {
    private static final Logger LOG = LoggerFactory.getLogger(Joining.class);

    private final AgentConfig config;
    private final WorkerState state;
    private final ServerClock time;
    private final Supplier<Heartbeat.Request> greeting;
    /** Whether an earlier attempt may have arrived though its answer did not. */
    private boolean inDoubt;

    /** @param greeting the heartbeat that finds out whether the key is known already */
    Joining(AgentConfig config, WorkerState state, ServerClock time, Supplier<Heartbeat.Request> greeting) {
        this.config = config;
        this.state = state;
        this.time = time;
        this.greeting = greeting;
        this.inDoubt = state.facts().isPresent();
    }

    /** On return the state says that the worker has joined. */
    void attempt(WorkerApi api) {
        if (inDoubt && isKnown(api)) {
            WorkerState.Facts facts = state.facts().orElseThrow();
            finish(facts.workerId(), facts.installation());
            return;
        }
        try {
            ask(api);
        } catch (ApiFailure failure) {
            inDoubt = !failure.isAnswered() || failure.status() / 100 == 5;
            throw failure;
        }
    }

    private void ask(WorkerApi api) {
        try {
            call(api);
        } catch (ApiFailure failure) {
            if (!failure.is(Code.PROOF_EXPIRED) || !time.learn(failure)) {
                throw failure;
            }
            call(api);
        }
    }

    private void call(WorkerApi api) {
        if (config.workerKey().isPresent()) {
            byKey(api, config.workerKey().get(), config.workerId().orElseThrow());
        } else {
            Secret secret = config.enrollmentSecret()
                    .get()
                    .orElseThrow(() -> new BadSetting(
                            "this worker has not joined and has no enrollment secret: give --auto-enrollment-key"
                                    + " (LYFTDATA_AUTO_ENROLLMENT_KEY), or --worker-id and --worker-api-key"));
            byEnrollment(api, secret);
        }
    }

    private void byEnrollment(WorkerApi api, Secret secret) {
        Identity identity = state.identity();
        KeyString key = state.key();
        Enroll.Request request = new Enroll.Request(
                config.name(), config.labels(), key.id(), key.hash(), identity.publicKey(), time.millis(), null);
        remember(config.name());
        Enroll.Answer answer = api.enroll(request.signed(identity.sign(request.signedBytes())), secret);
        finish(answer.workerId(), answer.installation());
    }

    private void byKey(WorkerApi api, Secret bootstrapKey, String workerId) {
        Identity identity = state.identity();
        KeyString key = state.key();
        WorkerKey.Request request =
                new WorkerKey.Request(key.id(), key.hash(), identity.publicKey(), time.millis(), null);
        remember(workerId);
        WorkerKey.Answer answer =
                api.putKey(request.signed(identity.sign(request.signedBytes(workerId))), bootstrapKey);
        finish(answer.workerId(), answer.installation());
    }

    /** On disk before the call, so that a start after a lost answer asks first whether the key is known. */
    private void remember(String workerId) {
        inDoubt = true;
        if (state.facts().filter(facts -> workerId.equals(facts.workerId())).isEmpty()) {
            String server = config.server().url().toString();
            state.save(new WorkerState.Facts(workerId, null, server, false, null, null));
        }
    }

    private void finish(String workerId, String installation) {
        state.save(state.facts().orElseThrow().joinedAs(workerId, installation));
        LOG.info("joined as worker {} with key {}", workerId, state.key().id());
    }

    /** Every answer but "never heard of it" says that the key has arrived. */
    private boolean isKnown(WorkerApi api) {
        try {
            api.heartbeat(greeting.get());
            return true;
        } catch (ApiFailure failure) {
            if (failure.is(Code.KEY_UNKNOWN)) {
                return false;
            }
            if (failure.is(Code.WORKER_ISOLATED) || failure.is(Code.KEY_REVOKED) || failure.is(Code.KEY_EXPIRED)) {
                return true;
            }
            throw failure;
        }
    }

    /** What the server said, and what it means here. */
    String advice(ApiFailure failure) {
        String sentence = failure.getMessage();
        if (failure.is(Code.NAME_TAKEN)) {
            return sentence + "; this worker asks for the name " + config.name() + " (--worker-name)";
        }
        if (failure.is(Code.ENROLLMENT_REFUSED)) {
            return sentence + "; this worker's comes from --auto-enrollment-key (LYFTDATA_AUTO_ENROLLMENT_KEY)";
        }
        if (failure.is(Code.KEY_UNKNOWN) || failure.is(Code.KEY_REVOKED) || failure.is(Code.KEY_EXPIRED)) {
            return state.isJoined()
                    ? sentence + "; the worker proves who it is by the identity kept in " + config.jobsDir()
                    : sentence + "; a bootstrap key (--worker-api-key) counts once: issue another with \"lyftdata"
                            + " api-keys issue\"";
        }
        return sentence;
    }
}

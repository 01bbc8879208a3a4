package io.lyftdata.apikey;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Presented;
import io.lyftdata.auth.Role;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.worker.Isolation;

/** Judges {@code Bearer lyd_wk_…}; why a key is refused is told only to those who know its secret. */
public final class ApiKeyAuthenticator {
    private final ApiKeys keys;
    private final WorkerKeys own;
    private final KeyJudge judge;
    private final Isolation isolation;

    public ApiKeyAuthenticator(ApiKeys keys, WorkerKeys own, KeyJudge judge, Isolation isolation) {
        this.keys = keys;
        this.own = own;
        this.judge = judge;
        this.isolation = isolation;
    }

    /**
     * The worker whose key it is. The first use of a key makes it the current one.
     *
     * @throws Refusal {@code key_unknown}, {@code worker_isolated}, {@code key_revoked} or {@code key_expired}
     */
    public Caller authenticate(Presented presented) {
        KeyString key = presented.key().orElseThrow(ApiKeyAuthenticator::unknown);
        ApiKey stored = judged(key);
        Role role = stored.kind() == ApiKey.Kind.WORKER ? Role.WORKER : Role.BOOTSTRAP;
        Caller caller = new Caller(Caller.Kind.WORKER, stored.workerId(), role, stored.id(), presented.origin());
        isolation.accept(caller.id());
        if (!own.use(caller, stored)) {
            judged(key); // Another call of the same moment used it first, or ended it.
        }
        return caller;
    }

    private ApiKey judged(KeyString key) {
        ApiKey stored = keys.find(key.id()).orElseThrow(ApiKeyAuthenticator::unknown);
        if (!Digests.same(stored.hash(), key.hash())) {
            throw unknown();
        }
        isolation.refuse(stored.workerId());
        if (judge.isRevoked(stored)) {
            throw new Refusal(Code.KEY_REVOKED, "this key has been revoked; " + remedy(stored));
        }
        if (judge.hasExpired(stored)) {
            throw new Refusal(Code.KEY_EXPIRED, "this key has expired; " + remedy(stored));
        }
        return stored;
    }

    private static String remedy(ApiKey key) {
        return key.kind() == ApiKey.Kind.WORKER
                ? "the worker registers another by its identity key, POST /api/worker/recover"
                : "lyftdata api-keys issue " + key.workerId() + " makes another bootstrap key";
    }

    private static Refusal unknown() {
        return new Refusal(Code.KEY_UNKNOWN, "no worker has this key; is it from another installation?");
    }
}

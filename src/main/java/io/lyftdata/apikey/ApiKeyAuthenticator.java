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
    private final Isolation isolation;

    public ApiKeyAuthenticator(ApiKeys keys, Isolation isolation) {
        this.keys = keys;
        this.isolation = isolation;
    }

    /**
     * The worker whose key it is.
     *
     * @throws Refusal {@code key_unknown}, {@code worker_isolated}, {@code key_revoked} or {@code key_expired}
     */
    public Caller authenticate(Presented presented) {
        KeyString key = KeyString.parse(presented.credential()).orElseThrow(ApiKeyAuthenticator::unknown);
        ApiKey stored = keys.find(key.id()).orElseThrow(ApiKeyAuthenticator::unknown);
        if (!Digests.same(stored.hash(), key.hash())) {
            throw unknown();
        }
        isolation.refuse(stored.workerId());
        if (keys.isRevoked(stored)) {
            throw new Refusal(
                    Code.KEY_REVOKED,
                    "this key has been revoked; lyftdata api-keys issue " + stored.workerId()
                            + " makes a bootstrap key");
        }
        if (keys.hasExpired(stored)) {
            throw new Refusal(
                    Code.KEY_EXPIRED,
                    "this key has expired; lyftdata api-keys issue " + stored.workerId() + " makes another");
        }
        isolation.accept(stored.workerId());
        keys.used(stored);
        Role role = stored.kind() == ApiKey.Kind.WORKER ? Role.WORKER : Role.BOOTSTRAP;
        return new Caller(Caller.Kind.WORKER, stored.workerId(), role, stored.id(), presented.origin());
    }

    private static Refusal unknown() {
        return new Refusal(Code.KEY_UNKNOWN, "no worker has this key; is it from another installation?");
    }
}

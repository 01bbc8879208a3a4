package io.lyftdata.fleet;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.fleet.Fleet.Scope;
import io.lyftdata.apikey.ApiKey;
import io.lyftdata.apikey.ApiKeys;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.worker.Isolation.Target;
import io.lyftdata.worker.Workers;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Which workers a scope names; never all of them for want of one. */
public final class Scopes {
    private final Workers workers;
    private final ApiKeys keys;

    public Scopes(Workers workers, ApiKeys keys) {
        this.workers = workers;
        this.keys = keys;
    }

    /**
     * At least one worker.
     *
     * @throws Refusal {@code unprocessable} when the scope is empty, names two things, or holds a whole secret, which is
     *     not told again; {@code not_found} when it names nobody
     */
    List<Target> find(Scope scope) {
        if (scope == null
                || Stream.of(scope.label(), scope.admittedBy(), scope.key())
                                .filter(Objects::nonNull)
                                .count()
                        != 1) {
            throw new Refusal(Code.UNPROCESSABLE, "scope must hold exactly one of label, admittedBy and key");
        }
        List<Target> targets = scope.label() != null
                ? labelled(scope.label())
                : scope.key() != null
                        ? List.of(holderOf(publicId("key", scope.key())))
                        : workers.admittedBy(publicId("admittedBy", scope.admittedBy()));
        if (targets.isEmpty()) {
            throw new Refusal(
                    Code.NOT_FOUND, "the scope names no worker; lyftdata workers list shows labels and admissions");
        }
        return targets;
    }

    /** @throws Refusal when a task is about one worker and a scope, or would do what is to be previewed */
    static void refuseBoth(String worker, Scope scope, Boolean preview) {
        if (worker != null && (scope != null || Boolean.TRUE.equals(preview))) {
            throw new Refusal(Code.UNPROCESSABLE, "give worker alone, or scope, which may have a preview");
        }
    }

    private List<Target> labelled(Map<String, String> label) {
        if (label.size() != 1) {
            throw new Refusal(Code.UNPROCESSABLE, "scope.label must be one label");
        }
        Map.Entry<String, String> only = label.entrySet().iterator().next();
        if (only.getValue() == null) {
            throw new Refusal(Code.UNPROCESSABLE, "scope.label must have a value");
        }
        return workers.labelled(only.getKey(), only.getValue());
    }

    private Target holderOf(String keyId) {
        String worker = keys.find(keyId)
                .map(ApiKey::workerId)
                .orElseThrow(() -> new Refusal(
                        Code.NOT_FOUND, "there is no key with that id; lyftdata api-keys list shows those there are"));
        return workers.target(worker);
    }

    private static String publicId(String field, String text) {
        if (!KeyString.isPublicId(text)) {
            throw new Refusal(
                    Code.UNPROCESSABLE,
                    "scope." + field + " must be a public id, 32 lower-case hex digits, never the secret itself; if it"
                            + " was one, rotate or revoke it");
        }
        return text;
    }
}

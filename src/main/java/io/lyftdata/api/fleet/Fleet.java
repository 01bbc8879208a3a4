package io.lyftdata.api.fleet;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** {@code POST /api/workers/isolate} and {@code /api/workers/release}: many workers at once. */
public final class Fleet {
    public static final String ISOLATE = "/api/workers/isolate";
    public static final String RELEASE = "/api/workers/release";

    private Fleet() {}

    /**
     * Which workers: exactly one of these.
     *
     * @param label one label; those that have it or ever had it
     * @param admittedBy public id of an enrollment secret or bootstrap key
     * @param key public id of a key; the worker whose it is or was
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Scope(Map<String, String> label, String admittedBy, String key) {
        /** What stands here may be a secret that somebody took for its id. */
        @Override
        public String toString() {
            return "Scope[label=" + label + "]";
        }
    }

    /**
     * @param expiresInSeconds after which the isolation ends by itself; null: never
     * @param preview true: nothing is done, and the answer says what would be
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Isolate(Scope scope, String reason, Long expiresInSeconds, Boolean preview) {}

    /** @param preview true: nothing is done, and the answer says what would be */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Release(Scope scope, Boolean preview) {}

    /**
     * @param state as it is now
     * @param lastRequestAt when its last call was accepted
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Affected(String id, String state, Instant lastRequestAt) {}

    /**
     * @param preview whether nothing was done
     * @param matched how many workers the scope names
     * @param workers those that it changes something for
     * @param liveSecrets enrollment secrets that admitted any of them and still admit others
     */
    public record Answer(boolean preview, int matched, List<Affected> workers, List<String> liveSecrets) {}
}

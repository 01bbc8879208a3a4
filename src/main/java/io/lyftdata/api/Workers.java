package io.lyftdata.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Map;

/** {@code /api/workers} and the keys below it. */
public final class Workers {
    private Workers() {}

    /** @param identityKey of a worker that has one already, and then needs no bootstrap key; null: it makes one */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Add(String name, Map<String, String> labels, String identityKey) {
        public Add(String name, Map<String, String> labels) {
            this(name, labels, null);
        }
    }

    /** @param all true: every key of every worker */
    public record Revoke(Boolean all) {}

    /** @param keys how many ended */
    public record Revoked(long keys) {}

    /**
     * @param reason for people, up to 200 characters
     * @param expiresInSeconds after which the isolation ends by itself; null: never
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Isolate(String reason, Long expiresInSeconds) {}

    /**
     * @param by kind and name of who did it, as in {@code user ann}
     * @param until when it ends by itself; null: never
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Isolated(Instant at, String by, String reason, Instant until) {}

    /**
     * @param key the bootstrap key, shown this once; null, like all about it, for a worker that needs none
     * @param expiresAt by when the worker must have used it
     */
    public record IssuedKey(String workerId, String keyId, String key, Instant expiresAt) {
        @Override
        public String toString() {
            return "IssuedKey[workerId=" + workerId + ", keyId=" + keyId + ", key=[redacted]]";
        }
    }

    /**
     * @param state {@code new}, {@code online}, {@code offline}, {@code isolated} or {@code removed}
     * @param isolated by whom and why; null when it is not
     * @param labels those given at enrollment or by an operator
     * @param claimed the labels of the last heartbeat that are not in {@code labels}; never matched
     * @param admittedBy id of the enrollment secret or bootstrap key that admitted the worker
     * @param admittedFrom the address it came from
     * @param lastRequestAt when its last call was accepted
     * @param clockSkewMillis the worker's clock minus the server's, at the last heartbeat
     * @param liveSecret in the answer to an isolation: the enrollment secret that admitted it and still admits others
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record View(
            String id,
            String state,
            Isolated isolated,
            Map<String, String> labels,
            Map<String, String> claimed,
            Instant createdAt,
            String admittedBy,
            String admittedFrom,
            Instant admittedAt,
            Instant lastSeenAt,
            Instant lastRequestAt,
            String address,
            String version,
            Long uptimeSeconds,
            String tlsMode,
            String instanceId,
            Long clockSkewMillis,
            String liveSecret) {
        /** The same with the enrollment secret by which others like it may still join. */
        public View withLiveSecret(String secretId) {
            return new View(
                    id,
                    state,
                    isolated,
                    labels,
                    claimed,
                    createdAt,
                    admittedBy,
                    admittedFrom,
                    admittedAt,
                    lastSeenAt,
                    lastRequestAt,
                    address,
                    version,
                    uptimeSeconds,
                    tlsMode,
                    instanceId,
                    clockSkewMillis,
                    secretId);
        }
    }

    /**
     * @param kind {@code worker} or {@code bootstrap}
     * @param state {@code active}, {@code pending}, {@code old}, {@code used}, {@code expired} or {@code revoked}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record KeyView(
            String id,
            String workerId,
            String kind,
            String state,
            Instant createdAt,
            Instant firstUsedAt,
            Instant expiresAt,
            Instant revokedAt) {}
}

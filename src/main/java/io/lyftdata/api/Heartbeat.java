package io.lyftdata.api;

import java.time.Instant;
import java.util.Map;

/** {@code POST /api/worker/heartbeat}. */
public final class Heartbeat {
    public static final String PATH = "/api/worker/heartbeat";
    /** Names the worker's process on every worker call: 32 lower-case hex digits, random per start. */
    public static final String INSTANCE_HEADER = "Lyftdata-Instance";

    private Heartbeat() {}

    /**
     * @param version the worker's product version
     * @param uptimeSeconds since the worker's process started
     * @param labels what the worker claims of itself; never matched
     * @param tlsMode {@code pinned}, {@code ca}, {@code insecure} or {@code none}
     * @param time the worker's clock
     * @param auditHead the newest that the worker has seen, as the server sent it; null: none yet
     * @param caRevision of the bundle that the worker keeps; null: none
     */
    public record Request(
            String version,
            long uptimeSeconds,
            Map<String, String> labels,
            String tlsMode,
            Instant time,
            AuditHead auditHead,
            String caRevision) {}

    /**
     * @param time the server's clock
     * @param nextMillis how long the worker waits before its next heartbeat, jitter included
     * @param keyDue whether the worker is to rotate its key now
     * @param caRevision changes when the bundle at {@code /api/ca} does
     * @param auditHead for the worker to keep and send back
     */
    public record Answer(Instant time, long nextMillis, boolean keyDue, String caRevision, AuditHead auditHead) {}
}

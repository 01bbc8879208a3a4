package io.lyftdata.worker;

import java.time.Instant;
import java.util.Map;

/** What a worker's heartbeat said: the columns of one row. */
public record Sighting(
        String workerId,
        Instant seenAt,
        String address,
        String instanceId,
        String version,
        long uptimeSeconds,
        String tlsMode,
        Map<String, String> claimed,
        long clockSkewMillis) {
    /** Whether the worker is the process that it was, and says of itself what it said. */
    boolean saysTheSameAs(Sighting other) {
        return other != null
                && instanceId.equals(other.instanceId)
                && version.equals(other.version)
                && tlsMode.equals(other.tlsMode)
                && claimed.equals(other.claimed);
    }
}

package io.lyftdata.worker;

import java.time.Instant;
import java.util.Map;

/** A worker with what its last heartbeat said; the latter's columns are null before the first. */
public record WorkerRow(
        String id,
        Worker.State state,
        Map<String, String> labels,
        Instant createdAt,
        String admittedBy,
        String admittedFrom,
        Instant admittedAt,
        Instant seenAt,
        String address,
        String instanceId,
        String version,
        Long uptimeSeconds,
        String tlsMode,
        Map<String, String> claimed,
        Long clockSkewMillis) {
    /** The same worker with a newer heartbeat. */
    WorkerRow seen(Sighting sighting) {
        return new WorkerRow(
                id,
                state,
                labels,
                createdAt,
                admittedBy,
                admittedFrom,
                admittedAt,
                sighting.seenAt(),
                sighting.address(),
                sighting.instanceId(),
                sighting.version(),
                sighting.uptimeSeconds(),
                sighting.tlsMode(),
                sighting.claimed(),
                sighting.clockSkewMillis());
    }
}

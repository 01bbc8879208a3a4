package io.lyftdata.heartbeat;

import java.time.Instant;
import java.util.Map;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

interface HeartbeatDao {
    @SqlUpdate("""
            INSERT INTO heartbeat (worker_id, seen_at, address, instance_id, version, uptime_seconds, tls_mode,
                                   claimed, clock_skew_millis)
            VALUES (:workerId, :seenAt, :address, :instanceId, :version, :uptimeSeconds, :tlsMode, :claimed,
                    :clockSkewMillis)
            ON CONFLICT (worker_id) DO UPDATE
            SET seen_at = excluded.seen_at, address = excluded.address, instance_id = excluded.instance_id,
                version = excluded.version, uptime_seconds = excluded.uptime_seconds, tls_mode = excluded.tls_mode,
                claimed = excluded.claimed, clock_skew_millis = excluded.clock_skew_millis
            """)
    void put(@BindMethods Sighting sighting);

    /** The columns of one row. */
    record Sighting(
            String workerId,
            Instant seenAt,
            String address,
            String instanceId,
            String version,
            long uptimeSeconds,
            String tlsMode,
            Map<String, String> claimed,
            long clockSkewMillis) {}
}

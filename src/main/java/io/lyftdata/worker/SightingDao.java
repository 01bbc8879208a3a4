package io.lyftdata.worker;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlBatch;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

interface SightingDao {
    /** A worker that is not there any more is passed over. */
    @SqlBatch("""
            INSERT INTO heartbeat (worker_id, seen_at, address, instance_id, version, uptime_seconds, tls_mode,
                                   claimed, clock_skew_millis)
            SELECT id, :seenAt, :address, :instanceId, :version, :uptimeSeconds, :tlsMode, :claimed, :clockSkewMillis
            FROM worker WHERE id = :workerId
            ON CONFLICT (worker_id) DO UPDATE
            SET seen_at = excluded.seen_at, address = excluded.address, instance_id = excluded.instance_id,
                version = excluded.version, uptime_seconds = excluded.uptime_seconds, tls_mode = excluded.tls_mode,
                claimed = excluded.claimed, clock_skew_millis = excluded.clock_skew_millis
            """)
    void put(@BindMethods List<Sighting> sightings);

    @RegisterConstructorMapper(Sighting.class)
    @SqlQuery("SELECT * FROM heartbeat WHERE worker_id = :workerId")
    Optional<Sighting> find(String workerId);

    @RegisterConstructorMapper(Sighting.class)
    @SqlQuery("SELECT * FROM heartbeat")
    List<Sighting> all();

    @SqlUpdate("DELETE FROM heartbeat WHERE worker_id = :workerId")
    void forget(String workerId);
}

package io.lyftdata.worker;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

interface WorkerDao {
    String ROW = """
            SELECT w.id, w.state, w.labels, w.created_at, w.admitted_by, w.admitted_from, w.admitted_at,
                   h.seen_at, h.address, h.instance_id, h.version, h.uptime_seconds, h.tls_mode, h.claimed,
                   h.clock_skew_millis
            FROM worker w LEFT JOIN heartbeat h ON h.worker_id = w.id
            """;

    @SqlUpdate("""
            INSERT INTO worker (id, state, labels, created_at) VALUES (:id, 'active', :labels, :now)
            ON CONFLICT (id) DO NOTHING
            """)
    boolean insert(String id, Map<String, String> labels, Instant now);

    @RegisterConstructorMapper(Worker.class)
    @SqlQuery("SELECT * FROM worker WHERE id = :id")
    Optional<Worker> find(String id);

    @RegisterConstructorMapper(Worker.class)
    @SqlQuery("SELECT * FROM worker WHERE identity = :identity")
    Optional<Worker> findByIdentity(String identity);

    @SqlUpdate("""
            UPDATE worker
            SET identity = :identity, first_key_hash = :firstKeyHash,
                admitted_by = :admittedBy, admitted_from = :admittedFrom, admitted_at = :now
            WHERE id = :id AND identity IS NULL
            """)
    boolean admit(String id, String identity, String firstKeyHash, String admittedBy, String admittedFrom, Instant now);

    @SqlUpdate("UPDATE worker SET state = :state WHERE id = :id")
    void setState(String id, Worker.State state);

    @RegisterConstructorMapper(Worker.class)
    @SqlQuery("SELECT * FROM worker WHERE state = 'isolated'")
    List<Worker> isolated();

    @RegisterConstructorMapper(WorkerRow.class)
    @SqlQuery(ROW + "WHERE w.id > :after ORDER BY w.id LIMIT :limit")
    List<WorkerRow> list(String after, int limit);

    @RegisterConstructorMapper(WorkerRow.class)
    @SqlQuery(ROW + "WHERE w.id = :id")
    Optional<WorkerRow> row(String id);
}

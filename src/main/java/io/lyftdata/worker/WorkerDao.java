package io.lyftdata.worker;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.customizer.Bind;
import org.jdbi.v3.sqlobject.statement.SqlBatch;
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

    @RegisterConstructorMapper(Isolation.Target.class)
    @SqlQuery("SELECT id, identity FROM worker WHERE id = :id")
    Optional<Isolation.Target> target(String id);

    @RegisterConstructorMapper(Isolation.Target.class)
    @SqlQuery("""
            SELECT w.id, w.identity FROM worker w JOIN worker_label l ON l.worker_id = w.id
            WHERE l.label = :label AND l.value = :value ORDER BY w.id
            """)
    List<Isolation.Target> targetsByLabel(String label, String value);

    @RegisterConstructorMapper(Isolation.Target.class)
    @SqlQuery("SELECT id, identity FROM worker WHERE admitted_by = :secretId ORDER BY id")
    List<Isolation.Target> targetsByAdmission(String secretId);

    /** Of all that were not removed. */
    @RegisterConstructorMapper(Isolation.Target.class)
    @SqlQuery("SELECT id, identity FROM worker WHERE state <> 'removed' ORDER BY id")
    List<Isolation.Target> targets();

    @SqlUpdate("""
            UPDATE worker
            SET identity = :identity, first_key_hash = :firstKeyHash,
                admitted_by = :admittedBy, admitted_from = :admittedFrom, admitted_at = :now
            WHERE id = :id AND identity IS NULL
            """)
    boolean admit(String id, String identity, String firstKeyHash, String admittedBy, String admittedFrom, Instant now);

    @SqlBatch("UPDATE worker SET state = :state WHERE id = :id")
    void setStates(@Bind("id") List<String> ids, Worker.State state);

    @RegisterConstructorMapper(Worker.class)
    @SqlQuery("SELECT * FROM worker WHERE state <> 'active'")
    List<Worker> shutOut();

    /** Only of a removed worker; what its identity was stays ended. */
    @SqlUpdate("""
            UPDATE worker
            SET state = 'active', labels = :labels, created_at = :now, first_key_hash = NULL,
                admitted_by = NULL, admitted_from = NULL, admitted_at = NULL
            WHERE id = :id
            """)
    void readmit(String id, Map<String, String> labels, Instant now);

    @SqlUpdate("""
            INSERT INTO ended_identity (identity, worker_id, ended_at)
            SELECT identity, id, :now FROM worker WHERE id = :id AND identity IS NOT NULL
            ON CONFLICT (identity) DO NOTHING
            """)
    void keepIdentity(String id, Instant now);

    @SqlUpdate("UPDATE worker SET identity = NULL, first_key_hash = NULL WHERE id = :id")
    void dropIdentity(String id);

    /** From then on it belongs to nobody, and never will again. */
    default void endIdentity(String id, Instant now) {
        keepIdentity(id, now);
        dropIdentity(id);
    }

    @SqlQuery("SELECT identity FROM ended_identity")
    List<String> endedIdentities();

    @SqlBatch("""
            INSERT INTO worker_label (label, value, worker_id) VALUES (:label, :value, :id)
            ON CONFLICT (label, value, worker_id) DO NOTHING
            """)
    void addLabels(String id, @Bind("label") List<String> labels, @Bind("value") List<String> values);

    @RegisterConstructorMapper(WorkerRow.class)
    @SqlQuery(ROW + "WHERE w.id > :after ORDER BY w.id LIMIT :limit")
    List<WorkerRow> list(String after, int limit);

    @RegisterConstructorMapper(StandingRow.class)
    @SqlQuery("""
            SELECT w.id, w.state, h.seen_at, h.version
            FROM worker w LEFT JOIN heartbeat h ON h.worker_id = w.id
            ORDER BY w.id
            """)
    List<StandingRow> standings();

    @RegisterConstructorMapper(WorkerRow.class)
    @SqlQuery(ROW + "WHERE w.id = :id")
    Optional<WorkerRow> row(String id);
}

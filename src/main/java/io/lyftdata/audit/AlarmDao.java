package io.lyftdata.audit;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

@RegisterConstructorMapper(AlarmDao.Alarm.class)
interface AlarmDao {
    @SqlQuery("SELECT * FROM audit_alarm ORDER BY segment")
    List<Alarm> all();

    @SqlQuery("SELECT * FROM audit_alarm WHERE segment = :segment")
    Optional<Alarm> of(String segment);

    /** Where the log goes on that a restore began anew, with another segment than the backup's. */
    @SqlQuery("SELECT max(position) FROM audit WHERE action = 'RESTORED' AND subject <> segment")
    Optional<Long> restoredAt();

    @SqlQuery("SELECT count(*) > 0 FROM audit WHERE position >= :position AND segment = :segment")
    boolean holdsBehind(String segment, long position);

    @SqlUpdate("""
            INSERT INTO audit_alarm (segment, position, hash, worker_id, acknowledgement)
            VALUES (:segment, :position, :hash, :workerId, :acknowledgement)
            ON CONFLICT (segment) DO UPDATE
            SET position = excluded.position, hash = excluded.hash, worker_id = excluded.worker_id,
                acknowledgement = excluded.acknowledgement
            """)
    void put(@BindMethods Alarm alarm);

    /** The columns of one row; {@code acknowledgement} is null for an open alarm. */
    record Alarm(String segment, long position, String hash, String workerId, String acknowledgement) {}
}

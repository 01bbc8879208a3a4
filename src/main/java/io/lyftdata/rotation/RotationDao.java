package io.lyftdata.rotation;

import io.lyftdata.apikey.ApiKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

interface RotationDao {
    @SqlQuery("SELECT COALESCE(MAX(number), 0) FROM rotation_order")
    long last();

    @SqlUpdate("""
            INSERT INTO rotation_order (number, worker_id, labels, ordered_at, ordered_by, deadline, overlap_millis)
            VALUES (:number, :workerId, :labels, :now, :by, :deadline, :overlapMillis)
            """)
    void insert(
            long number,
            String workerId,
            Map<String, String> labels,
            Instant now,
            String by,
            Instant deadline,
            Long overlapMillis);

    @RegisterConstructorMapper(RotationOrder.class)
    @SqlQuery("SELECT * FROM rotation_order ORDER BY number")
    List<RotationOrder> orders();

    /** Of every worker that has joined: its current key and, if there is one, the next. */
    @RegisterConstructorMapper(ApiKey.class)
    @SqlQuery("""
            SELECT k.*, w.labels FROM api_key k JOIN worker w ON w.id = k.worker_id
            WHERE k.kind = 'worker' AND k.state IN ('active', 'pending')
            """)
    List<ApiKey> keys();
}

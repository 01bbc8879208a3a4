package io.lyftdata.clone;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

@RegisterConstructorMapper(CloneAlarm.class)
interface CloneDao {
    @SqlQuery("SELECT * FROM clone_alarm WHERE worker_id = :workerId")
    Optional<CloneAlarm> find(String workerId);

    @SqlQuery("SELECT * FROM clone_alarm WHERE seen_at > :since ORDER BY worker_id")
    List<CloneAlarm> since(Instant since);

    @SqlUpdate("""
            INSERT INTO clone_alarm (worker_id, identity, ledger, seen_at, instance, address, other_instance, other_address)
            VALUES (:workerId, :identity, :ledger, :seenAt, :instance, :address, :otherInstance, :otherAddress)
            ON CONFLICT (worker_id) DO UPDATE
            SET identity = excluded.identity, ledger = excluded.ledger, seen_at = excluded.seen_at,
                instance = excluded.instance, address = excluded.address,
                other_instance = excluded.other_instance, other_address = excluded.other_address
            """)
    void put(@BindMethods CloneAlarm alarm);

    @SqlUpdate("UPDATE clone_alarm SET seen_at = :now WHERE worker_id = :workerId")
    void touch(String workerId, Instant now);
}

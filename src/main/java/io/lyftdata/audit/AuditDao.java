package io.lyftdata.audit;

import io.lyftdata.api.audit.Checkpoint;
import io.lyftdata.ledger.Position;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

@RegisterConstructorMapper(AuditRecord.class)
interface AuditDao {
    @SqlQuery("SELECT position, segment, hash FROM audit ORDER BY position DESC LIMIT 1")
    @RegisterConstructorMapper(Head.class)
    Optional<Head> head();

    @SqlQuery("SELECT hash FROM audit WHERE position = :position")
    Optional<String> hashAt(long position);

    @SqlQuery("SELECT value FROM installation_fact WHERE name = :name")
    Optional<String> noticed(String name);

    @SqlUpdate("""
            INSERT INTO installation_fact (name, value) VALUES (:name, :value)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """)
    void notice(String name, String value);

    @SqlUpdate("""
            INSERT INTO ledger (id, sequence, hash) VALUES ('followed', :sequence, :hash)
            ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash
            WHERE excluded.sequence > ledger.sequence
            """)
    void follow(@BindMethods Position position);

    @SqlQuery("SELECT * FROM audit WHERE position > :after ORDER BY position LIMIT :limit")
    List<AuditRecord> after(long after, int limit);

    @SqlQuery("SELECT * FROM audit_checkpoint ORDER BY position DESC LIMIT 1")
    @RegisterConstructorMapper(Checkpoint.class)
    Optional<Checkpoint> checkpoint();

    @SqlUpdate("DELETE FROM audit_checkpoint")
    void forgetCheckpoints();

    @SqlUpdate("""
            INSERT INTO audit_checkpoint (position, segment, hash, time, signature)
            VALUES (:position, :segment, :hash, :time, :signature)
            """)
    void put(@BindMethods Checkpoint checkpoint);
}

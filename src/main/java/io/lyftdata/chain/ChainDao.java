package io.lyftdata.chain;

import io.lyftdata.api.audit.Place;
import io.lyftdata.audit.AuditRecord;
import io.lyftdata.audit.Head;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.config.RegisterRowMapper;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.customizer.Define;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

@RegisterRowMapper(RecordMapper.class)
interface ChainDao {
    /** @param where conditions over the columns and the filter's fields */
    @SqlQuery("SELECT * FROM audit WHERE <where> ORDER BY time DESC, position DESC LIMIT :limit")
    List<AuditRecord> newest(@Define("where") String where, @BindMethods Filter filter, int limit);

    @SqlQuery("""
            SELECT max(position) FROM (SELECT position FROM audit WHERE position > :after ORDER BY position LIMIT :limit)
            AS next
            """)
    Optional<Long> end(long after, int limit);

    /** The limit keeps both databases from looking through an index of the filter's for so few rows. */
    @SqlQuery("""
            SELECT * FROM (
                SELECT * FROM audit WHERE position BETWEEN :first AND :last ORDER BY position LIMIT :last - :first + 1
            ) AS next WHERE <where> ORDER BY position
            """)
    List<AuditRecord> between(@Define("where") String where, @BindMethods Filter filter, long first, long last);

    @SqlQuery("SELECT * FROM audit WHERE position > :after ORDER BY position LIMIT :limit")
    List<AuditRecord> after(long after, int limit);

    @SqlQuery("SELECT max(position) FROM audit")
    Optional<Long> last();

    /** Whether a record other than that at the position stands on the hash; looks through the whole log. */
    @SqlQuery("SELECT count(*) > 0 FROM audit WHERE previous = :hash AND position <> :position")
    boolean standsOn(String hash, long position);

    /** The first record with the hash, before the position; looks through all before it. */
    @SqlQuery("SELECT min(position) FROM audit WHERE hash = :hash AND position < :before")
    Optional<Long> earliest(String hash, long before);

    @SqlQuery("SELECT segment, position, hash FROM audit WHERE position = :position")
    @RegisterConstructorMapper(Head.class)
    Optional<Head> at(long position);

    @SqlQuery("SELECT min(position) FROM audit")
    Optional<Long> first();

    @SqlQuery("SELECT min(position) FROM audit WHERE time >= :since")
    Optional<Long> firstSince(Instant since);

    @SqlUpdate("DELETE FROM audit WHERE position <= :last")
    void deleteUpTo(long last);

    @SqlQuery("SELECT position FROM audit_mark WHERE name = :name")
    Optional<Long> mark(String name);

    @SqlQuery("SELECT position, hash FROM audit_mark WHERE name = :name")
    @RegisterConstructorMapper(Place.class)
    Optional<Place> place(String name);

    @SqlUpdate("""
            INSERT INTO audit_mark (name, position, hash) VALUES (:name, :position, :hash)
            ON CONFLICT (name) DO UPDATE SET position = excluded.position, hash = excluded.hash
            """)
    void mark(String name, long position, String hash);
}

package io.lyftdata.incident;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.KeyColumn;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.config.ValueColumn;
import org.jdbi.v3.sqlobject.customizer.BindList;
import org.jdbi.v3.sqlobject.statement.SqlQuery;

/** What has changed behind a record of the audit log, which no clock moves. */
interface ReviewDao {
    /** @param what who did it, or the address; empty when it has none */
    record Tally(String what, long records) {}

    /** The first record since then. */
    @SqlQuery("SELECT position FROM audit WHERE time >= :since ORDER BY time, position LIMIT 1")
    Optional<Long> first(Instant since);

    /** When the record was made, or the last one before it that is still here. */
    @SqlQuery("SELECT time FROM audit WHERE position <= :position ORDER BY position DESC LIMIT 1")
    Optional<Instant> timeOf(long position);

    /** The last entry of the ledger that has a record up to there. */
    @SqlQuery("""
            SELECT ledger FROM audit WHERE position <= :position AND ledger IS NOT NULL ORDER BY position DESC LIMIT 1
            """)
    Optional<Long> ledgerAt(long position);

    /** What was done; with {@link #refused} it is all. */
    @SqlQuery("""
            SELECT COALESCE(SUM(count), 0) FROM audit
            WHERE position > :after AND (outcome = 'done' OR outcome = 'replayed')
            """)
    long done(long after);

    @RegisterConstructorMapper(Tally.class)
    @SqlQuery("""
            SELECT actor_kind || ' ' || actor AS what, SUM(count) AS records FROM audit
            WHERE position > :after AND (outcome = 'done' OR outcome = 'replayed') GROUP BY actor_kind, actor
            ORDER BY records DESC, what LIMIT 20
            """)
    List<Tally> byActor(long after);

    @SqlQuery("""
            SELECT COALESCE(SUM(count), 0) FROM audit
            WHERE position > :after AND outcome <> 'done' AND outcome <> 'replayed'
            """)
    long refused(long after);

    @RegisterConstructorMapper(Tally.class)
    @SqlQuery("""
            SELECT address AS what, SUM(count) AS records FROM audit
            WHERE position > :after AND outcome <> 'done' AND outcome <> 'replayed' GROUP BY address
            ORDER BY records DESC, what LIMIT 20
            """)
    List<Tally> refusedByAddress(long after);

    @SqlQuery("SELECT COUNT(*) FROM audit WHERE position > :after AND action = 'SETTINGS_CHANGED'")
    long settings(long after);

    @SqlQuery("SELECT DISTINCT subject FROM audit WHERE position > :after AND action IN (<actions>)")
    List<String> subjects(long after, @BindList List<String> actions);

    /** Workers that have a key that was made later. */
    @SqlQuery("SELECT DISTINCT worker_id FROM api_key WHERE kind = 'worker' AND created_at > :time")
    List<String> renewed(Instant time);

    /** Each key's worker. */
    @SqlQuery("SELECT id, worker_id FROM api_key")
    @KeyColumn("id")
    @ValueColumn("worker_id")
    Map<String, String> owners();
}

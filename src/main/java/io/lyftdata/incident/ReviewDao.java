package io.lyftdata.incident;

import java.time.Instant;
import java.util.List;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;

/** What has changed since a time, in numbers. */
interface ReviewDao {
    /** @param what who did it, or the action */
    record Tally(String what, long records) {}

    @RegisterConstructorMapper(Tally.class)
    @SqlQuery("""
            SELECT actor_kind || ' ' || actor AS what, SUM(count) AS records FROM audit
            WHERE time >= :since AND outcome = 'done' GROUP BY actor_kind, actor
            ORDER BY records DESC, what LIMIT 20
            """)
    List<Tally> byActor(Instant since);

    @RegisterConstructorMapper(Tally.class)
    @SqlQuery("""
            SELECT address AS what, SUM(count) AS records FROM audit
            WHERE time >= :since AND outcome <> 'done' AND outcome <> 'replayed' AND address <> '' GROUP BY address
            ORDER BY records DESC, what LIMIT 20
            """)
    List<Tally> refusedByAddress(Instant since);

    @SqlQuery("SELECT COUNT(*) FROM audit WHERE time >= :since")
    long records(Instant since);

    @SqlQuery("SELECT COUNT(*) FROM settings_revision WHERE time >= :since")
    long settings(Instant since);

    @SqlQuery("SELECT COUNT(*) FROM worker WHERE created_at >= :since")
    long countWorkers(Instant since);

    @SqlQuery("SELECT COUNT(*) FROM account WHERE created_at >= :since")
    long countUsers(Instant since);

    @SqlQuery("SELECT id FROM worker WHERE created_at >= :since ORDER BY id LIMIT 100")
    List<String> newWorkers(Instant since);

    @SqlQuery("SELECT name FROM account WHERE created_at >= :since ORDER BY name LIMIT 100")
    List<String> newUsers(Instant since);
}

package io.lyftdata.heartbeat;

import io.lyftdata.api.posture.Severity;
import io.lyftdata.db.Database;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;

/** Workers whose clock differs from the server's. */
public final class WorkerClockPostureCheck implements PostureCheck {
    private static final Duration MOST = Duration.ofSeconds(30);
    private static final Duration RECENT = Duration.ofDays(1);

    private static final Rule RULE = new Rule(
            "worker-clock",
            Severity.LOW,
            "How far each worker's clock was from the server's at its heartbeat of the last day: more than "
                    + MOST.toSeconds() + " seconds is a finding; from 120 seconds on, it can neither join nor rotate.",
            "CIS Controls 8.4: standardized time synchronization. Logs of skewed clocks do not tell what came first:"
                    + " “Review logs and recent configuration changes to determine cause and scope.”",
            "Let the worker's host follow a time server: `chronyc makestep` with chrony, `timedatectl set-ntp true` with"
                    + " systemd. When nearly all workers are listed, it is the server's clock.");

    private final Database database;
    private final Clock clock;

    public WorkerClockPostureCheck(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    interface Dao {
        record Row(String workerId, long clockSkewMillis) {}

        @SqlQuery("""
                SELECT h.worker_id, h.clock_skew_millis FROM heartbeat h JOIN worker w ON w.id = h.worker_id
                WHERE ABS(h.clock_skew_millis) > :most AND h.seen_at > :since
                  AND w.state <> 'removed'
                ORDER BY h.worker_id
                """)
        @RegisterConstructorMapper(Row.class)
        List<Row> skewed(long most, Instant since);
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() {
        Instant since = clock.instant().minus(RECENT);
        return database.read(tx -> tx.attach(Dao.class).skewed(MOST.toMillis(), since)).stream()
                .map(row -> new Finding(
                        row.workerId(),
                        "its clock is " + Math.abs(row.clockSkewMillis() / 1000) + " s "
                                + (row.clockSkewMillis() > 0 ? "ahead of" : "behind") + " the server's",
                        "on its host: timedatectl set-ntp true"))
                .toList();
    }
}

package io.lyftdata.apikey;

import io.lyftdata.api.Times;
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

/** Workers' keys that were made and never used. */
public final class UnusedKeyPostureCheck implements PostureCheck {
    private static final Duration LONGEST = Duration.ofDays(1);

    private static final Rule RULE = new Rule(
            "key-unused",
            Severity.MEDIUM,
            "Workers' keys and bootstrap keys in force that nobody has used within a day of their making.",
            "“Prefer unique API keys per worker and rotate them on a schedule.” A key that nobody uses lies somewhere:"
                    + " in a mail, a ticket, a shell's history.",
            "`lyftdata api-keys revoke ID`; `lyftdata api-keys issue WORKER` makes another when the worker comes.");

    private final Database database;
    private final Clock clock;

    public UnusedKeyPostureCheck(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    interface Dao {
        record Row(String id, String workerId, String kind, Instant createdAt) {}

        @SqlQuery("""
                SELECT id, worker_id, kind, created_at FROM api_key
                WHERE state = 'active' AND first_used_at IS NULL AND created_at < :latest
                  AND (expires_at IS NULL OR expires_at > :now)
                ORDER BY id
                """)
        @RegisterConstructorMapper(Row.class)
        List<Row> unused(Instant latest, Instant now);
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() {
        Instant now = clock.instant();
        return database.read(tx -> tx.attach(Dao.class).unused(now.minus(LONGEST), now)).stream()
                .map(key -> new Finding(
                        key.id(),
                        key.kind() + " key of " + key.workerId() + ", made at " + Times.format(key.createdAt())
                                + ", was never used",
                        "lyftdata api-keys revoke " + key.id()))
                .toList();
    }
}

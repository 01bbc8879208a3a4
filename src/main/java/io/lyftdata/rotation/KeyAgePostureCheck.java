package io.lyftdata.rotation;

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
import java.util.Map;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;

/** Workers' keys that were not renewed when the policy says. */
public final class KeyAgePostureCheck implements PostureCheck {
    private static final Rule RULE = new Rule(
            "key-age",
            Severity.MEDIUM,
            "Workers' keys in force that are older than three quarters of `rotation.maximum-age` (or of the age that"
                    + " `rotation.by-label` sets for them): a worker that lives has renewed its key at little more than"
                    + " half of it. A policy that was made shorter counts for the keys that there are.",
            "“Prefer unique API keys per worker and rotate them on a schedule.” NIST SP 800-57 part 1, 5.3: a key is"
                    + " not used beyond its cryptoperiod.",
            "`lyftdata api-keys revoke ID`: the worker registers another by its identity when it next calls. `lyftdata"
                    + " workers remove ID` for a worker that is gone for good.");

    private final Database database;
    private final RotationRules rules;
    private final Clock clock;

    public KeyAgePostureCheck(Database database, RotationRules rules, Clock clock) {
        this.database = database;
        this.rules = rules;
        this.clock = clock;
    }

    interface Dao {
        record Row(String id, String workerId, Instant createdAt, Map<String, String> labels) {}

        @SqlQuery("""
                SELECT k.id, k.worker_id, k.created_at, w.labels FROM api_key k JOIN worker w ON w.id = k.worker_id
                WHERE k.kind = 'worker' AND k.state = 'active' AND w.state = 'active'
                  AND k.created_at < :latest AND k.expires_at > :now
                ORDER BY k.worker_id
                """)
        @RegisterConstructorMapper(Row.class)
        List<Row> before(Instant latest, Instant now);
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() {
        Instant now = clock.instant();
        Instant latest = now.minus(missedAt(rules.shortestAge()));
        return database.read(tx -> tx.attach(Dao.class).before(latest, now)).stream()
                .filter(key -> key.createdAt().isBefore(now.minus(missedAt(rules.maximumAge(key.labels())))))
                .map(key -> new Finding(
                        key.workerId(),
                        "its key " + key.id() + " was made at " + Times.format(key.createdAt())
                                + " and not renewed since",
                        "lyftdata api-keys revoke " + key.id()))
                .toList();
    }

    private static Duration missedAt(Duration maximumAge) {
        return maximumAge.multipliedBy(3).dividedBy(4);
    }
}

package io.lyftdata.token;

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

/** Tokens that nobody needs. */
public final class UnusedTokenPostureCheck implements PostureCheck {
    private static final Duration LONGEST = Duration.ofDays(30);

    private static final Rule RULE = new Rule(
            "token-unused",
            Severity.LOW,
            "API tokens in force that were not used for " + LONGEST.toDays() + " days.",
            "CIS Controls 5.3: credentials that nobody uses are disabled. “Only trusted users and systems can interact"
                    + " with it.”",
            "`lyftdata tokens revoke ID`.");

    private final Database database;
    private final Clock clock;

    public UnusedTokenPostureCheck(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    interface Dao {
        @SqlQuery("""
                SELECT * FROM token
                WHERE revoked_at IS NULL AND expires_at > :now AND COALESCE(last_used_at, created_at) < :latest
                ORDER BY id
                """)
        @RegisterConstructorMapper(Token.class)
        List<Token> idle(Instant now, Instant latest);
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() {
        Instant now = clock.instant();
        return database.read(tx -> tx.attach(Dao.class).idle(now, now.minus(LONGEST))).stream()
                .map(token -> new Finding(
                        token.id(),
                        token.role().wire() + " token " + token.name() + " of " + token.owner() + " was "
                                + (token.lastUsedAt() == null
                                        ? "never used since " + Times.format(token.createdAt())
                                        : "last used at " + Times.format(token.lastUsedAt())),
                        "lyftdata tokens revoke " + token.id()))
                .toList();
    }
}

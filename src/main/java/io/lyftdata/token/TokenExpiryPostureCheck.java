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

/** Administrators' tokens that last for too long. */
public final class TokenExpiryPostureCheck implements PostureCheck {
    private static final Duration LONGEST = Duration.ofDays(90);

    private static final Rule RULE = new Rule(
            "token-expiry",
            Severity.MEDIUM,
            "API tokens with the role admin that are in force: one that is valid for more than " + LONGEST.toDays()
                    + " days from now on is a finding.",
            "NIST SP 800-57, 5.3: a credential has a cryptoperiod; the more it may do, the shorter. “These practices"
                    + " harden a LyftData deployment so only trusted users and systems can interact with it.”",
            "`lyftdata tokens issue --role admin --expires 90d` for whoever uses it, then `lyftdata tokens revoke ID`.");

    private final Database database;
    private final Clock clock;

    public TokenExpiryPostureCheck(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    interface Dao {
        @SqlQuery("""
                SELECT * FROM token WHERE role = 'admin' AND revoked_at IS NULL AND expires_at > :latest ORDER BY id
                """)
        @RegisterConstructorMapper(Token.class)
        List<Token> lasting(Instant latest);
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() {
        Instant latest = clock.instant().plus(LONGEST);
        return database.read(tx -> tx.attach(Dao.class).lasting(latest)).stream()
                .map(token -> new Finding(
                        token.id(),
                        "admin token " + token.name() + " of " + token.owner() + " is valid until "
                                + Times.format(token.expiresAt()),
                        "lyftdata tokens revoke " + token.id()))
                .toList();
    }
}

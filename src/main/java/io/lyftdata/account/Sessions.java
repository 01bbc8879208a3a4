package io.lyftdata.account;

import io.lyftdata.api.Login;
import io.lyftdata.auth.Caller;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.db.Database;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Log-ins of people: each ends when idle, at its absolute end, or when revoked. Safe for use by many threads. */
public final class Sessions {
    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);
    private static final Duration USE_GRAIN = Duration.ofMinutes(1);
    /** How long an ended session is still known, so that its user learns that it ended. */
    private static final Duration MEMORY = Duration.ofDays(1);

    private final Database database;
    private final Clock clock;
    private final SessionConfig config;

    public Sessions(Database database, Clock clock, SessionConfig config) {
        this.database = database;
        this.clock = clock;
        this.config = config;
    }

    Login.Answer begin(Account account) {
        KeyString key = KeyString.generate(KeyString.Kind.SESSION);
        Instant now = clock.instant();
        Instant end = now.plus(config.absolute());
        database.write(tx -> {
            SessionDao dao = tx.attach(SessionDao.class);
            dao.insert(key.id(), account.name(), key.hash(), now, end);
            return dao.deleteEnded(now.minus(MEMORY));
        });
        LOG.info("{} logged in, session {}", account.name(), key.id());
        return new Login.Answer(key.reveal(), end);
    }

    /** Ends the caller's own session; a token has none. */
    public void end(Caller caller) {
        Instant now = clock.instant();
        int ended = database.write(tx -> tx.attach(SessionDao.class).revoke(caller.keyId(), now));
        if (ended > 0) {
            LOG.info("{} logged out, session {}", caller.id(), caller.keyId());
        }
    }

    Optional<Session> find(String id) {
        return database.read(tx -> tx.attach(SessionDao.class).find(id));
    }

    boolean hasEnded(Session session) {
        Instant now = clock.instant();
        return !now.isBefore(session.expiresAt())
                || !now.isBefore(session.lastUsedAt().plus(config.idle()));
    }

    void use(Session session) {
        Instant now = clock.instant();
        if (now.isAfter(session.lastUsedAt().plus(USE_GRAIN))) {
            database.write(tx -> {
                tx.attach(SessionDao.class).use(session.id(), now);
                return session;
            });
        }
    }
}

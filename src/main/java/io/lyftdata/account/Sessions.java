package io.lyftdata.account;

import io.lyftdata.api.Login;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Origin;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.db.Database;
import io.lyftdata.ledger.Change;
import io.lyftdata.ledger.Entry;
import io.lyftdata.ledger.Ledger;
import io.lyftdata.ledger.Topic;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Log-ins of people: each ends when idle, at its absolute end, or when revoked. Safe for use by many threads. */
public final class Sessions {
    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);
    private static final Duration USE_GRAIN = Duration.ofMinutes(1);
    /** How long an ended session is still known, so that its user learns that it ended. */
    private static final Duration MEMORY = Duration.ofDays(1);

    private static final String KEEPS = "keeps";

    private final Database database;
    private final Audit audit;
    private final Restrictions restrictions;
    private final Clock clock;
    private final SessionConfig config;

    public Sessions(Database database, Audit audit, Restrictions restrictions, Clock clock, SessionConfig config) {
        this.database = database;
        this.audit = audit;
        this.restrictions = restrictions;
        this.clock = clock;
        this.config = config;
    }

    /** @param ledger the ledger's last entry before the password was judged: what came since counts against it */
    Login.Answer begin(Account account, Origin origin, long ledger) {
        KeyString key = KeyString.generate(KeyString.Kind.SESSION);
        Instant now = clock.instant();
        Instant end = now.plus(config.absolute());
        Caller user = new Caller(Caller.Kind.USER, account.name(), account.role(), key.id(), origin);
        database.write(tx -> {
            SessionDao dao = tx.attach(SessionDao.class);
            dao.insert(key.id(), account.name(), key.hash(), now, end, ledger);
            audit.record(tx, user, Event.of(Action.SESSION_BEGUN, key.id()).set("expiresAt", end));
            return dao.deleteEnded(now.minus(MEMORY));
        });
        LOG.info("{} logged in, session {}", account.name(), key.id());
        return new Login.Answer(key.reveal(), end);
    }

    /** Ends the caller's own session; a token has none. */
    public void end(Caller caller) {
        Instant now = clock.instant();
        int ended = database.write(tx -> {
            int revoked = tx.attach(SessionDao.class).revoke(caller.keyId(), now);
            if (revoked > 0) {
                audit.record(tx, caller, Event.of(Action.SESSION_ENDED, caller.keyId()));
            }
            return revoked;
        });
        if (ended > 0) {
            LOG.info("{} logged out, session {}", caller.id(), caller.keyId());
        }
    }

    /**
     * Ends every session but the one that the caller uses, unless all were ended since the order was given.
     *
     * @return how many were
     */
    public int endAll(Caller caller, Instant orderedAt) {
        if (restrictions
                .ledger()
                .last(Topic.SESSION, Change.ALL)
                .filter(entry -> !entry.time().isBefore(orderedAt))
                .isPresent()) {
            return 0;
        }
        String kept = caller.kind() == Caller.Kind.USER ? caller.keyId() : "";
        Change all = new Change(Topic.SESSION, Change.ALL, "cut-off");
        AtomicInteger ended = new AtomicInteger();
        restrictions.restrict(caller, List.of(kept.isEmpty() ? all : all.with(KEEPS, kept)), tx -> {
            ended.set(tx.attach(SessionDao.class).revokeOthers(kept, clock.instant()));
            return Event.of(Action.SESSIONS_ENDED, "").set("sessions", ended.get());
        });
        LOG.info("{} ended {} sessions", caller.id(), ended);
        return ended.get();
    }

    /** Whether it is, by the database or the ledger. */
    boolean isRevoked(Session session) {
        return session.revokedAt() != null || cutOff(session).isPresent();
    }

    private Optional<Entry> cutOff(Session session) {
        Ledger ledger = restrictions.ledger();
        Predicate<Entry> cuts = entry -> !session.id().equals(entry.fact(KEEPS));
        return ledger.since(Topic.SESSION, session.account(), session.ledger())
                .filter(cuts)
                .or(() -> ledger.since(Topic.SESSION, Change.ALL, session.ledger())
                        .filter(cuts));
    }

    /** Ends what the ledger says has ended. */
    public void follow(Handle tx) {
        SessionDao dao = tx.attach(SessionDao.class);
        for (Session session : dao.live()) {
            cutOff(session).ifPresent(entry -> {
                dao.revoke(session.id(), clock.instant());
                restrictions.replay(tx, Event.of(Action.SESSION_ENDED, session.id()), entry);
            });
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

package io.lyftdata.account;

import io.lyftdata.audit.Action;
import io.lyftdata.audit.Event;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.auth.Caller;
import io.lyftdata.crypto.PasswordHash;
import io.lyftdata.ledger.Change;
import io.lyftdata.ledger.Entry;
import io.lyftdata.ledger.Topic;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passwords by their number, which the ledger knows: neither a former password nor a removed account comes back with an
 * old copy of the database.
 */
final class Generations {
    private static final Logger LOG = LoggerFactory.getLogger(Generations.class);
    private static final String FACT = "generation";

    private final Restrictions restrictions;

    Generations(Restrictions restrictions) {
        this.restrictions = restrictions;
    }

    /** The number for a new password of the name, whose present one has that number; 0 for none. */
    long next(String name, long present) {
        return 1 + Math.max(present, Math.max(entered(Topic.PASSWORD, name), entered(Topic.ACCOUNT, name)));
    }

    private long entered(Topic topic, String name) {
        return restrictions.ledger().last(topic, name).map(Generations::of).orElse(0L);
    }

    private static long of(Entry entry) {
        return Long.parseLong(entry.fact(FACT));
    }

    /**
     * Enters what the database has taken.
     *
     * @param session the one that goes on; empty for none
     */
    void changed(Caller caller, String name, long generation, String session) {
        Change cutOff = new Change(Topic.SESSION, name, "cut-off");
        restrictions.enter(
                caller,
                List.of(
                        new Change(Topic.PASSWORD, name, "changed").with(FACT, Long.toString(generation)),
                        session.isEmpty() ? cutOff : cutOff.with("keeps", session)));
    }

    /**
     * The entries by which the present password and its sessions end.
     *
     * @param session the one that goes on; empty for none
     * @param next the generation that ends it
     */
    List<Change> ending(Account account, String session, long next) {
        Change cutOff = new Change(Topic.SESSION, account.name(), "cut-off");
        return List.of(
                session.isEmpty() ? cutOff : cutOff.with("keeps", session),
                new Change(Topic.PASSWORD, account.name(), "changed").with(FACT, Long.toString(next)));
    }

    static List<Change> removal(Account account) {
        return List.of(
                new Change(Topic.ACCOUNT, account.name(), "removed").with(FACT, Long.toString(account.generation())),
                new Change(Topic.SESSION, account.name(), "cut-off"));
    }

    /** The entry that removed it, not another one of its name. */
    Optional<Entry> removed(Account account) {
        return restrictions
                .ledger()
                .last(Topic.ACCOUNT, account.name())
                .filter(entry -> of(entry) >= account.generation());
    }

    /** Ends a password that is not the newest; one that is newer than the ledger's was changed before a crash. */
    void follow(Handle tx, Account account, Instant now) {
        Optional<Entry> newest = restrictions.ledger().last(Topic.PASSWORD, account.name());
        long entered = newest.map(Generations::of).orElse(1L);
        if (entered > account.generation()) {
            tx.attach(AccountDao.class).setPassword(account.name(), PasswordHash.OF_NOBODY, now, entered);
            restrictions.replay(tx, Event.of(Action.PASSWORD_ENDED, account.name()), newest.orElseThrow());
            LOG.warn(
                    "the database held a former password of {}, which stays refused; set one: lyftdata users"
                            + " set-password, or --reset-admin-password",
                    account.name());
        } else if (entered < account.generation()) {
            changed(Caller.server(), account.name(), account.generation(), "");
        }
    }
}

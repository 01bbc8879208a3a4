package io.lyftdata.audit;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.auth.Caller;
import io.lyftdata.db.Database;
import io.lyftdata.ledger.Change;
import io.lyftdata.ledger.Entry;
import io.lyftdata.ledger.Ledger;
import io.lyftdata.ledger.LedgerFailure;
import io.lyftdata.ledger.Position;
import io.lyftdata.ledger.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes that no restore of the database undoes. What restricts is in the ledger, and so in force, before the database
 * is asked; what permits, after it has agreed. Where the two differ, the ledger's stricter state comes to the database,
 * with a record. Safe for use by many threads.
 */
public final class Restrictions {
    private static final Logger LOG = LoggerFactory.getLogger(Restrictions.class);
    private static final Duration WAIT = Duration.ofSeconds(5);

    private final Database database;
    private final Audit audit;
    private final Ledger ledger;
    /** Entries that the database has not taken yet: those on their way, and those of {@link #refused}. */
    private final NavigableSet<Long> pending = new ConcurrentSkipListSet<>();
    /** Entries that the database did not take. */
    private final NavigableSet<Long> refused = new ConcurrentSkipListSet<>();

    private volatile List<Follower> followers = List.of();
    private boolean isToldOf;

    /** Brings a feature's rows to the ledger's state, each with {@link #replay}; done twice it does nothing. */
    public interface Follower {
        void follow(Handle tx);
    }

    public Restrictions(Database database, Audit audit, Ledger ledger) {
        this.database = database;
        this.audit = audit;
        this.ledger = ledger;
    }

    /** How far the database has followed its ledger; empty before the first entry. */
    public static Optional<Position> followed(Database database) {
        return database.first("SELECT CAST(sequence AS TEXT) || ' ' || hash FROM ledger")
                .map(text -> text.split(" ", 2))
                .map(parts -> new Position(Long.parseLong(parts[0]), parts[1]));
    }

    private long followed() {
        return followed(database).map(Position::sequence).orElse(0L);
    }

    /** What is in force, whatever the database says. */
    public Ledger ledger() {
        return ledger;
    }

    /**
     * Restricts: from here on it is in force, whether the database takes it or not.
     *
     * @param change the database's part, which validates nothing any more, and what to record
     * @throws Refusal {@code audit_pending} when the database did not take it
     * @throws LedgerFailure when it may not be in force
     */
    public Event restrict(Caller caller, List<Change> entries, Function<Handle, Event> change) {
        return restrictAll(caller, entries, tx -> List.of(change.apply(tx))).get(0);
    }

    /** The same for many at once, with an event each; the last events belong to the last entries. */
    public List<Event> restrictAll(Caller caller, List<Change> entries, Function<Handle, List<Event>> change) {
        Position position = enter(caller, entries, true);
        try {
            List<Event> events = database.write(tx -> {
                List<Event> done = change.apply(tx);
                long before = position.sequence() - done.size();
                for (int i = 0; i < done.size(); i++) {
                    audit.append(tx, caller, done.get(i), before + i + 1);
                }
                if (pending.headSet(position.sequence()).isEmpty()) {
                    tx.attach(AuditDao.class).follow(position);
                }
                return done;
            });
            pending.remove(position.sequence());
            return events;
        } catch (RuntimeException e) {
            refused.add(position.sequence());
            throw new Refusal(
                            Code.AUDIT_PENDING,
                            "the restriction is in force, but the database could not record it; the record follows by"
                                    + " itself as soon as it can")
                    .retryAfter(WAIT)
                    .because(e);
        }
    }

    /**
     * Permits, unless it is restricted anew in the meantime.
     *
     * @param change the database's part, and what to record
     */
    public void permit(Caller caller, Change entry, Function<Handle, Event> change) {
        permitAll(caller, List.of(entry), tx -> List.of(change.apply(tx)));
    }

    /** The same for many at once; those that are restricted anew in the meantime stay so. */
    public void permitAll(Caller caller, List<Change> entries, Function<Handle, List<Event>> change) {
        List<Optional<Entry>> last = entries.stream()
                .map(entry -> ledger.last(entry.topic(), entry.subject()))
                .toList();
        database.write(tx -> {
            change.apply(tx).forEach(event -> audit.record(tx, caller, event));
            return null;
        });
        List<Change> signed =
                entries.stream().map(entry -> signed(caller, entry)).toList();
        if (!enterAfter(last, signed)) {
            fallBehind();
            throw new Refusal(Code.CONFLICT, "it was restricted anew at the same moment, and stays so");
        }
    }

    /** When the disk has no room for it, the database comes back to the ledger's stricter state. */
    private boolean enterAfter(List<Optional<Entry>> last, List<Change> entries) {
        try {
            return ledger.appendAfter(last, entries);
        } catch (Refusal full) {
            fallBehind();
            throw full;
        }
    }

    private void fallBehind() {
        long now = ledger.position().sequence();
        pending.add(now);
        refused.add(now);
    }

    /** Enters what the database has done already, such as a changed password. */
    public void enter(Caller caller, List<Change> entries) {
        enter(caller, entries, false);
    }

    private Position enter(Caller caller, List<Change> entries, boolean isPending) {
        List<Change> signed =
                entries.stream().map(entry -> signed(caller, entry)).toList();
        synchronized (pending) {
            Position position = ledger.append(signed);
            if (isPending) {
                pending.add(position.sequence());
            }
            return position;
        }
    }

    private static Change signed(Caller caller, Change entry) {
        Change by = entry.with("by", caller.kind().name().toLowerCase(Locale.ROOT) + " " + caller.id());
        return caller.origin().address().isPresent()
                ? by.with("from", caller.origin().text())
                : by;
    }

    /** Records, within the follower's transaction, what it did for the ledger's entry. */
    public void replay(Handle tx, Event event, Entry entry) {
        Event told = entry.fact("by") == null ? event : event.set("by", entry.fact("by"));
        audit.append(tx, Caller.server(), told.replayed(), entry.sequence());
        LOG.info("the database followed ledger entry {}: {} {}", entry.sequence(), event.action(), event.subject());
    }

    /**
     * Brings the database to the ledger's state, now and whenever it has fallen behind. When it cannot take it now, the
     * ledger's state is in force all the same.
     */
    public void follow(List<Follower> all) {
        followers = List.copyOf(all);
        if (followed() != ledger.position().sequence()) {
            fallBehind();
            catchUp();
        }
    }

    /** Whether the database has fallen behind; what is on its way to it has not. */
    boolean isBehind() {
        return !refused.isEmpty();
    }

    /** Tries again what the database did not take; without such a thing it costs nothing. */
    synchronized void catchUp() {
        if (!isBehind()) {
            return;
        }
        try {
            Position until = database.write(this::followAll);
            pending.headSet(until.sequence(), true).clear();
            refused.headSet(until.sequence(), true).clear();
            isToldOf = false;
        } catch (RuntimeException e) {
            if (!isToldOf) {
                LOG.warn("the database cannot follow the ledger, whose state is in force; it is tried each second", e);
            }
            isToldOf = true;
        }
    }

    private Position followAll(Handle tx) {
        long before = followed();
        Position until = ledger.position();
        ledger.last(Topic.EPOCH, Change.ALL)
                .filter(epoch -> epoch.sequence() > before)
                .ifPresent(epoch -> replay(tx, Event.of(Action.EPOCH_BEGUN, ""), epoch));
        followers.forEach(follower -> follower.follow(tx));
        tx.attach(AuditDao.class).follow(until);
        return until;
    }
}

package io.lyftdata.worker;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Event;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.auth.Caller;
import io.lyftdata.db.Database;
import io.lyftdata.ledger.Change;
import io.lyftdata.ledger.Entry;
import io.lyftdata.ledger.Topic;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Workers whose host is no longer trusted: whatever comes with their keys, under their name or by their identity is
 * refused, from the next request on, until they are released. Safe for use by many threads.
 */
public final class Isolation {
    private static final Logger LOG = LoggerFactory.getLogger(Isolation.class);
    private static final String ISOLATED = "isolated";
    private static final String RELEASED = "released";
    private static final String REASON = "reason";
    private static final int LONGEST_REASON = 200;

    private final Database database;
    private final Restrictions restrictions;

    public Isolation(Database database, Restrictions restrictions) {
        this.database = database;
        this.restrictions = restrictions;
    }

    /** Shuts the worker out; one that is shut out already stays so, for the first reason. */
    public void isolate(Caller caller, String name, String reason) {
        String id = Workers.idOf(name);
        checkReason(reason);
        if (of(id).isPresent()) {
            return;
        }
        Change isolated = new Change(Topic.WORKER, id, ISOLATED).with(REASON, reason);
        Change entry = identityOf(id)
                .map(identity -> isolated.with("identity", identity))
                .orElse(isolated);
        restrictions.restrict(caller, List.of(entry), tx -> set(tx, id, Worker.State.ISOLATED, reason));
        LOG.info("{} isolated worker {}", caller.id(), id);
    }

    /** Lets it in again; one that is not shut out stays as it is. */
    public void release(Caller caller, String name) {
        String id = Workers.idOf(name);
        if (of(id).isEmpty()) {
            identityOf(id);
            return;
        }
        Change entry = new Change(Topic.WORKER, id, RELEASED);
        restrictions.permit(caller, entry, tx -> set(tx, id, Worker.State.ACTIVE, null));
        LOG.info("{} released worker {}", caller.id(), id);
    }

    private static void checkReason(String reason) {
        boolean isPlain = reason != null
                && !reason.isBlank()
                && reason.length() <= LONGEST_REASON
                && reason.codePoints().noneMatch(Character::isISOControl);
        if (!isPlain) {
            throw new Refusal(
                    Code.UNPROCESSABLE, "reason must say why, in 1 to " + LONGEST_REASON + " characters on one line");
        }
    }

    /** A database that does not answer holds no isolation up: its worker may be unknown then. */
    private Optional<String> identityOf(String id) {
        try {
            return database.read(tx -> tx.attach(WorkerDao.class).find(id))
                    .orElseThrow(() -> Workers.unknown(id))
                    .boundIdentity();
        } catch (JdbiException e) {
            LOG.warn("the database does not say whether there is a worker {}", id, e);
            return Optional.empty();
        }
    }

    private static Event set(Handle tx, String id, Worker.State state, String reason) {
        tx.attach(WorkerDao.class).setState(id, state);
        return state == Worker.State.ISOLATED
                ? Event.of(Action.WORKER_ISOLATED, id).set(REASON, reason)
                : Event.of(Action.WORKER_RELEASED, id);
    }

    /** The ledger's entry that shut it out; empty when it is not. */
    Optional<Entry> of(String id) {
        return restrictions.ledger().last(Topic.WORKER, id).filter(entry -> entry.says(ISOLATED));
    }

    /**
     * Returns when the worker is not shut out.
     *
     * @throws Refusal {@code worker_isolated}
     */
    public void refuse(String id) {
        if (of(id).isPresent()) {
            throw refusal();
        }
    }

    /** The same, for a worker-to-be that may have been here under another name. */
    public void refuse(String id, String identity) {
        refuse(id);
        boolean isIsolated = restrictions.ledger().all(Topic.WORKER).stream()
                .anyMatch(entry -> entry.says(ISOLATED) && identity.equals(entry.fact("identity")));
        if (isIsolated) {
            throw refusal();
        }
    }

    private static Refusal refusal() {
        return new Refusal(
                Code.WORKER_ISOLATED,
                "this worker is isolated; once its host is trusted again, an operator releases it:"
                        + " lyftdata workers release");
    }

    /** Brings the database's states to the ledger's, and lets it know of those that only the database has. */
    public void follow(Handle tx) {
        WorkerDao workers = tx.attach(WorkerDao.class);
        for (Entry entry : restrictions.ledger().all(Topic.WORKER)) {
            Worker.State due = entry.says(ISOLATED) ? Worker.State.ISOLATED : Worker.State.ACTIVE;
            workers.find(entry.change().subject())
                    .filter(worker -> worker.state() != due)
                    .ifPresent(worker -> restrictions.replay(tx, set(tx, worker.id(), due, entry.fact(REASON)), entry));
        }
        for (Worker worker : workers.isolated()) {
            if (of(worker.id()).isEmpty()) {
                Change entry = new Change(Topic.WORKER, worker.id(), ISOLATED).with(REASON, "isolated before");
                restrictions.enter(
                        Caller.server(),
                        List.of(worker.boundIdentity()
                                .map(identity -> entry.with("identity", identity))
                                .orElse(entry)));
            }
        }
    }
}

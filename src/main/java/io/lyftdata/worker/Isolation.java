package io.lyftdata.worker;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Event;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.auth.Caller;
import io.lyftdata.ledger.Change;
import io.lyftdata.ledger.Entry;
import io.lyftdata.ledger.Topic;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Workers that are shut out, for now or for good: whatever comes with their keys, under their name or by their identity
 * is refused, from the next request on. Safe for use by many threads.
 */
public final class Isolation {
    private static final Logger LOG = LoggerFactory.getLogger(Isolation.class);
    static final String ISOLATED = "isolated";
    static final String REMOVED = "removed";
    private static final String RELEASED = "released";

    private final Restrictions restrictions;
    private final Clock clock;
    private final Map<String, Instant> accepted = new ConcurrentHashMap<>();

    public Isolation(Restrictions restrictions, Clock clock) {
        this.restrictions = restrictions;
        this.clock = clock;
    }

    /**
     * Whom it is about.
     *
     * @param identity null when it has none, or nobody can say
     */
    public record Target(String id, String identity) {}

    /**
     * Shuts them out, by one write to the ledger and one transaction. Who is shut out already stays so for the first
     * reason, unless this holds longer.
     *
     * @return whom it changed something for
     */
    public List<String> isolate(Caller caller, Collection<Target> targets, Sentence sentence) {
        List<Target> due = due(targets, sentence);
        List<String> ids = due.stream().map(Target::id).toList();
        if (!ids.isEmpty()) {
            restrictions.restrictAll(caller, due.stream().map(sentence::entry).toList(), tx -> {
                tx.attach(WorkerDao.class).setStates(ids, Worker.State.ISOLATED);
                return ids.stream().map(sentence::about).toList();
            });
            LOG.info("{} isolated {}", caller.id(), inWords(ids));
        }
        return ids;
    }

    private List<Target> due(Collection<Target> targets, Sentence sentence) {
        return targets.stream()
                .filter(target -> isShorter(target.id(), sentence.until()))
                .toList();
    }

    /** Whom it would change something for. */
    public List<String> wouldIsolate(Collection<Target> targets, Sentence sentence) {
        return due(targets, sentence).stream().map(Target::id).toList();
    }

    /** Whether the worker is shut out for less long; for good is null. */
    private boolean isShorter(String id, Instant until) {
        if (isRemoved(id)) {
            return false;
        }
        Optional<Instant> end = of(id).map(Sentence::until);
        return of(id).isEmpty() || (end.isPresent() && (until == null || until.isAfter(end.get())));
    }

    /** Lets them in again, by one transaction and one write to the ledger; who is not isolated stays as it is. */
    public List<String> release(Caller caller, Collection<String> ids) {
        List<String> due = wouldRelease(ids);
        if (!due.isEmpty()) {
            List<Change> entries = due.stream()
                    .map(id -> new Change(Topic.WORKER, id, RELEASED))
                    .toList();
            restrictions.permitAll(caller, entries, tx -> {
                tx.attach(WorkerDao.class).setStates(due, Worker.State.ACTIVE);
                return due.stream()
                        .map(id -> Event.of(Action.WORKER_RELEASED, id))
                        .toList();
            });
            LOG.info("{} released {}", caller.id(), inWords(due));
        }
        return due;
    }

    /** Whom it would change something for. */
    public List<String> wouldRelease(Collection<String> ids) {
        return ids.stream().filter(id -> of(id).isPresent()).toList();
    }

    /**
     * Lifts the removal from the name, with the caller's part of the change in the same transaction.
     *
     * @param change the database's part
     */
    void readmit(Caller caller, String id, Function<Handle, Event> change) {
        restrictions.permit(caller, new Change(Topic.WORKER, id, "readmitted"), change);
        LOG.info("{} added worker {} again, which was removed", caller.id(), id);
    }

    private static String inWords(List<String> ids) {
        return ids.size() == 1 ? "worker " + ids.get(0) : ids.size() + " workers";
    }

    /** Releases those whose time is over, with a record. */
    public void sweep() {
        Instant now = clock.instant();
        List<String> over = restrictions.ledger().all(Topic.WORKER).stream()
                .filter(entry -> entry.says(ISOLATED) && Sentence.until(entry) != null)
                .filter(entry -> !now.isBefore(Sentence.until(entry)))
                .map(entry -> entry.change().subject())
                .toList();
        release(Caller.server(), over);
    }

    /** The ledger's entry that isolated it; empty when it is not. */
    public Optional<Entry> of(String id) {
        return last(id).filter(entry -> entry.says(ISOLATED));
    }

    /** The ledger's position, for {@link #isDecidedSince}. */
    public long position() {
        return restrictions.ledger().position().sequence();
    }

    /** Whether it was isolated, released, removed or added again behind that position. */
    public boolean isDecidedSince(String id, long position) {
        return restrictions.ledger().since(Topic.WORKER, id, position).isPresent();
    }

    /** Whether it was removed, for good unless an operator adds it again. */
    public boolean isRemoved(String id) {
        return last(id).filter(entry -> entry.says(REMOVED)).isPresent();
    }

    private Optional<Entry> last(String id) {
        return restrictions.ledger().last(Topic.WORKER, id);
    }

    /**
     * Returns when the worker is not shut out.
     *
     * @throws Refusal {@code worker_isolated}
     */
    public void refuse(String id) {
        Optional<Entry> last = last(id);
        if (last.isPresent() && last.get().says(ISOLATED)) {
            throw isolated();
        }
        if (last.isPresent() && last.get().says(REMOVED)) {
            throw new Refusal(
                    Code.WORKER_ISOLATED,
                    "this worker was removed; an operator adds it again, with a new identity: lyftdata workers add");
        }
    }

    /** The same, for a worker-to-be that may have been here under another name. */
    public void refuse(String id, String identity) {
        refuse(id);
        refuseIdentity(identity);
    }

    /**
     * Returns when whoever has the identity is not shut out.
     *
     * @throws Refusal {@code worker_isolated}
     */
    public void refuseIdentity(String identity) {
        if (restrictions.ledger().last(Topic.IDENTITY, identity).isPresent()) {
            throw new Refusal(
                    Code.WORKER_ISOLATED,
                    "this identity ended when its worker was removed or reset; the host comes in again with an empty"
                            + " jobs directory");
        }
        boolean isIsolated = restrictions.ledger().all(Topic.WORKER).stream()
                .anyMatch(entry -> entry.says(ISOLATED) && identity.equals(entry.fact(Sentence.IDENTITY)));
        if (isIsolated) {
            throw isolated();
        }
    }

    private static Refusal isolated() {
        return new Refusal(
                Code.WORKER_ISOLATED,
                "this worker is isolated; once its host is trusted again, an operator releases it:"
                        + " lyftdata workers release");
    }

    /**
     * Notes that a request of the worker's is accepted, now.
     *
     * @throws Refusal {@code worker_isolated}: no request is accepted later than {@link #acceptedAt} says, once it is
     */
    public void accept(String id) {
        accepted.put(id, clock.instant());
        refuse(id);
    }

    /** When its last request was accepted since the server's start; null when none was. */
    Instant acceptedAt(String id) {
        return accepted.get(id);
    }

    /** Brings the database's states to the ledger's, and lets it know of those that only the database has. */
    public void follow(Handle tx) {
        WorkerDao workers = tx.attach(WorkerDao.class);
        for (Entry entry : restrictions.ledger().all(Topic.WORKER)) {
            String id = entry.change().subject();
            Worker.State due = entry.says(ISOLATED)
                    ? Worker.State.ISOLATED
                    : entry.says(REMOVED) ? Worker.State.REMOVED : Worker.State.ACTIVE;
            if (workers.find(id).filter(worker -> worker.state() != due).isPresent()) {
                workers.setStates(List.of(id), due);
                restrictions.replay(tx, replayed(due, entry), entry);
            }
        }
        for (Entry entry : restrictions.ledger().all(Topic.IDENTITY)) {
            Optional<Worker> owner = workers.findByIdentity(entry.change().subject());
            if (owner.isPresent()) {
                workers.endIdentity(owner.get().id(), clock.instant());
                restrictions.replay(
                        tx, Event.of(Action.IDENTITY_ENDED, owner.get().id()), entry);
            }
        }
        restrictions.enter(Caller.server(), unknownToTheLedger(workers));
    }

    private static Event replayed(Worker.State due, Entry entry) {
        String id = entry.change().subject();
        return switch (due) {
            case ISOLATED -> Sentence.of(entry).about(id);
            case REMOVED -> Event.of(Action.WORKER_REMOVED, id);
            case ACTIVE -> Event.of(entry.says(RELEASED) ? Action.WORKER_RELEASED : Action.WORKER_READMITTED, id);
        };
    }

    private List<Change> unknownToTheLedger(WorkerDao workers) {
        List<Change> unknown = new ArrayList<>();
        for (Worker worker : workers.shutOut()) {
            if (last(worker.id()).isEmpty()) {
                unknown.add(
                        worker.state() == Worker.State.REMOVED
                                ? new Change(Topic.WORKER, worker.id(), REMOVED)
                                : new Sentence("isolated before", null)
                                        .entry(new Target(worker.id(), worker.identity())));
            }
        }
        for (String identity : workers.endedIdentities()) {
            if (restrictions.ledger().last(Topic.IDENTITY, identity).isEmpty()) {
                unknown.add(new Change(Topic.IDENTITY, identity, "ended"));
            }
        }
        return unknown;
    }
}

package io.lyftdata.worker;

import io.lyftdata.api.Code;
import io.lyftdata.api.Page;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.WorkerName;
import io.lyftdata.api.Workers.View;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.auth.Caller;
import io.lyftdata.db.Database;
import io.lyftdata.db.Paging;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who belongs to the fleet. An identity belongs to one worker for ever, and a worker to one identity. Safe for use by
 * many threads.
 */
public final class Workers {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);
    private static final List<String> STATES = List.of("new", "online", "offline", "isolated", "removed");

    private final Database database;
    private final Audit audit;
    private final Isolation isolation;
    private final Sightings sightings;
    private final Clock clock;
    private final Views views;

    /**
     * The registry in the database.
     *
     * @param offlineAfter how long a worker may be silent and still count as online
     */
    public Workers(Database database, Audit audit, Isolation isolation, Clock clock, Duration offlineAfter) {
        this.database = database;
        this.audit = audit;
        this.isolation = isolation;
        this.sightings = new Sightings(database);
        this.clock = clock;
        this.views = new Views(isolation, sightings, clock, offlineAfter);
    }

    /** When and how each was last seen. */
    public Sightings sightings() {
        return sightings;
    }

    /**
     * Adds a worker without an identity, within the caller's transaction.
     *
     * @return its id
     * @throws Refusal {@code unprocessable} for a name or label that breaks the rules, {@code name_taken},
     *     {@code worker_isolated} for a name that is
     */
    public String add(Handle tx, Caller caller, String name, Map<String, String> labels) {
        String id = idOf(name);
        Map<String, String> checked = Labels.checked(labels);
        isolation.refuse(id);
        if (!tx.attach(WorkerDao.class).insert(id, checked, clock.instant())) {
            throw nameTaken(id);
        }
        remember(tx, id, checked);
        audit.record(tx, caller, Event.of(Action.WORKER_ADDED, id).set("labels", checked));
        return id;
    }

    private static void remember(Handle tx, String id, Map<String, String> labels) {
        tx.attach(WorkerDao.class).addLabels(id, List.copyOf(labels.keySet()), List.copyOf(labels.values()));
    }

    /** Whether there was such a worker, which was removed since. */
    public boolean isRemoved(String name) {
        return isolation.isRemoved(idOf(name));
    }

    /**
     * Adds a removed worker again, without an identity: the one it had never comes in again.
     *
     * @param more done in the same transaction
     */
    public void readmit(Caller caller, String name, Map<String, String> labels, Consumer<Handle> more) {
        String id = idOf(name);
        Map<String, String> checked = Labels.checked(labels);
        isolation.readmit(caller, id, tx -> {
            WorkerDao workers = tx.attach(WorkerDao.class);
            workers.insert(id, checked, clock.instant());
            workers.readmit(id, checked, clock.instant());
            workers.endIdentity(id, clock.instant());
            sightings.forget(tx, id);
            remember(tx, id, checked);
            more.accept(tx);
            return Event.of(Action.WORKER_READMITTED, id).set("labels", checked);
        });
    }

    /** Within the caller's transaction: it is gone for good, and so is its identity. */
    public void remove(Handle tx, String id) {
        tx.attach(WorkerDao.class).setStates(List.of(id), Worker.State.REMOVED);
        endIdentity(tx, id);
    }

    /** Within the caller's transaction: its identity never comes in again; the worker may bind another. */
    public void endIdentity(Handle tx, String id) {
        tx.attach(WorkerDao.class).endIdentity(id, clock.instant());
    }

    /**
     * Binds an identity to a worker that has none or that very one, within the caller's transaction, and records who
     * admitted it.
     *
     * @param firstKeyHash the hash the worker enrolled with, or null
     * @throws Refusal {@code identity_taken}, {@code name_taken}, or {@code worker_isolated} for one that has ended
     */
    public void admit(Handle tx, Caller caller, String id, String identity, String firstKeyHash, Admission admission) {
        WorkerDao workers = tx.attach(WorkerDao.class);
        isolation.refuseIdentity(identity);
        if (workers.findByIdentity(identity)
                .filter(owner -> !owner.id().equals(id))
                .isPresent()) {
            throw new Refusal(
                    Code.IDENTITY_TAKEN,
                    "this identity belongs to another worker; a clone of its host needs an empty jobs directory");
        }
        boolean admitted = workers.admit(id, identity, firstKeyHash, admission.by(), admission.from(), clock.instant());
        if (admitted) {
            Event event = Event.of(Action.WORKER_ADMITTED, id).set("identity", identity);
            audit.record(tx, caller, event.set("by", admission.by()).set("from", admission.from()));
        } else if (workers.find(id)
                .flatMap(Worker::boundIdentity)
                .filter(identity::equals)
                .isEmpty()) {
            throw nameTaken(id);
        }
    }

    /** Says that the name belongs to a worker with another identity. */
    public static Refusal nameTaken(String id) {
        return new Refusal(Code.NAME_TAKEN, "there is a worker " + id + " already; choose another name for this one");
    }

    /** The worker as the caller's transaction sees it. */
    public Optional<Worker> find(Handle tx, String id) {
        return tx.attach(WorkerDao.class).find(id);
    }

    /**
     * Returns when there is such a worker.
     *
     * @throws Refusal {@code not_found}
     */
    public void require(Handle tx, String id) {
        if (find(tx, id).isEmpty()) {
            throw unknown(id);
        }
    }

    /**
     * Returns when there is such a worker and it was not removed.
     *
     * @throws Refusal {@code not_found} or {@code conflict}
     */
    public void requirePresent(Handle tx, String id) {
        require(tx, id);
        refuseRemoved(id);
    }

    /** @throws Refusal {@code conflict} */
    public void refuseRemoved(String id) {
        if (isolation.isRemoved(id)) {
            throw new Refusal(
                    Code.CONFLICT, "worker " + id + " was removed; lyftdata workers add " + id + " adds it again");
        }
    }

    /** The worker whose identity it is, as the caller's transaction sees it. */
    public Optional<Worker> findByIdentity(Handle tx, String identity) {
        return tx.attach(WorkerDao.class).findByIdentity(identity);
    }

    /** Whom an isolation of that worker is about; a database that does not answer holds none up. */
    public Isolation.Target target(String id) {
        try {
            return database.read(tx -> tx.attach(WorkerDao.class).target(id)).orElseThrow(() -> unknown(id));
        } catch (JdbiException e) {
            LOG.warn("the database does not say whether there is a worker {}", id, e);
            return new Isolation.Target(id, null);
        }
    }

    /** All that have the label or ever had it. */
    public List<Isolation.Target> labelled(String label, String value) {
        return database.read(tx -> tx.attach(WorkerDao.class).targetsByLabel(label, value));
    }

    /** All whose present identity came in by that enrollment secret or bootstrap key. */
    public List<Isolation.Target> admittedBy(String secretId) {
        return database.read(tx -> tx.attach(WorkerDao.class).targetsByAdmission(secretId));
    }

    /** All that were not removed, in the order of their ids. */
    public List<Isolation.Target> everybody() {
        return database.read(tx -> tx.attach(WorkerDao.class).targets());
    }

    /** Those of them that there are. */
    public List<View> all(Set<String> ids) {
        return database.read(tx -> tx.attach(WorkerDao.class).list("", Integer.MAX_VALUE)).stream()
                .filter(row -> ids.contains(row.id()))
                .map(views::of)
                .toList();
    }

    /** The worker as it is kept, with its identity. */
    public Optional<Worker> known(String id) {
        return database.read(tx -> find(tx, id));
    }

    /** Whether there is a worker with that id, removed ones included. */
    public boolean exists(String id) {
        return known(id).isPresent();
    }

    /** The worker with what its last heartbeat said. */
    public Optional<View> find(String id) {
        return database.read(tx -> tx.attach(WorkerDao.class).row(id)).map(views::of);
    }

    /**
     * The same, for those who are sure.
     *
     * @throws Refusal {@code not_found}
     */
    public View show(String id) {
        return find(id).orElseThrow(() -> unknown(id));
    }

    /** Workers in the order of their ids. */
    public Page<View> list(Paging paging) {
        List<WorkerRow> rows = database.read(tx -> tx.attach(WorkerDao.class).list(paging.after(), paging.limit() + 1));
        return paging.page(rows.stream().map(views::of).toList(), View::id);
    }

    /** Every worker, removed ones included, in the order of their ids. */
    public List<Standing> standings() {
        return database.read(tx -> tx.attach(WorkerDao.class).standings()).stream()
                .map(views::standing)
                .toList();
    }

    /** How many workers there are, by state. */
    public Map<String, Long> counts() {
        Map<String, Long> counts = new TreeMap<>();
        STATES.forEach(state -> counts.put(state, 0L));
        standings().forEach(worker -> counts.merge(worker.state(), 1L, Long::sum));
        return counts;
    }

    /** Says that no worker has the id. */
    public static Refusal unknown(String id) {
        return new Refusal(
                Code.NOT_FOUND,
                "there is no worker " + WorkerName.toId(id).orElse("of that name")
                        + "; lyftdata workers list shows those there are");
    }

    /**
     * The id that the name stands for.
     *
     * @throws Refusal {@code unprocessable} when the name breaks the rule
     */
    public static String idOf(String name) {
        return WorkerName.toId(name).orElseThrow(() -> new Refusal(Code.UNPROCESSABLE, WorkerName.RULE));
    }
}

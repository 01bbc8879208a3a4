package io.lyftdata.worker;

import io.lyftdata.api.Code;
import io.lyftdata.api.Page;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.WorkerName;
import io.lyftdata.api.Workers.Isolated;
import io.lyftdata.api.Workers.View;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.auth.Caller;
import io.lyftdata.db.Database;
import io.lyftdata.db.Paging;
import io.lyftdata.ledger.Entry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/**
 * Who belongs to the fleet. An identity belongs to one worker for ever, and a worker to one identity. Safe for use by
 * many threads.
 */
public final class Workers {
    private final Database database;
    private final Audit audit;
    private final Isolation isolation;
    private final Clock clock;
    private final Duration offlineAfter;

    /**
     * The registry in the database.
     *
     * @param offlineAfter how long a worker may be silent and still count as online
     */
    public Workers(Database database, Audit audit, Isolation isolation, Clock clock, Duration offlineAfter) {
        this.database = database;
        this.audit = audit;
        this.isolation = isolation;
        this.clock = clock;
        this.offlineAfter = offlineAfter;
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
        if (!tx.attach(WorkerDao.class).insert(id, checked, clock.instant())) {
            throw nameTaken(id);
        }
        isolation.refuse(id);
        audit.record(tx, caller, Event.of(Action.WORKER_ADDED, id).set("labels", checked));
        return id;
    }

    /**
     * Binds an identity to a worker that has none or that very one, within the caller's transaction, and records who
     * admitted it.
     *
     * @param firstKeyHash the hash the worker enrolled with, or null
     * @throws Refusal {@code identity_taken} or {@code name_taken}
     */
    public void admit(Handle tx, Caller caller, String id, String identity, String firstKeyHash, Admission admission) {
        WorkerDao workers = tx.attach(WorkerDao.class);
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

    /** The worker whose identity it is, as the caller's transaction sees it. */
    public Optional<Worker> findByIdentity(Handle tx, String identity) {
        return tx.attach(WorkerDao.class).findByIdentity(identity);
    }

    /** Whether there is a worker with that id, removed ones included. */
    public boolean exists(String id) {
        return database.read(tx -> find(tx, id).isPresent());
    }

    /** The worker with what its last heartbeat said. */
    public Optional<View> find(String id) {
        return database.read(tx -> tx.attach(WorkerDao.class).row(id)).map(this::view);
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
        return paging.page(rows.stream().map(this::view).toList(), View::id);
    }

    /** Every worker, in the order of their ids. */
    public List<View> fleet() {
        return database.read(tx -> tx.attach(WorkerDao.class).list("", Integer.MAX_VALUE)).stream()
                .map(this::view)
                .toList();
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

    private View view(WorkerRow row) {
        Map<String, String> claimed = new TreeMap<>(row.claimed() == null ? Map.of() : row.claimed());
        claimed.entrySet().removeAll(row.labels().entrySet());
        return new View(
                row.id(),
                state(row, clock.instant()),
                isolation.of(row.id()).map(Workers::isolated).orElse(null),
                row.labels(),
                claimed,
                row.createdAt(),
                row.admittedBy(),
                row.admittedFrom(),
                row.admittedAt(),
                row.seenAt(),
                row.address(),
                row.version(),
                row.uptimeSeconds(),
                row.tlsMode(),
                row.instanceId(),
                row.clockSkewMillis());
    }

    private static Isolated isolated(Entry entry) {
        return new Isolated(entry.time(), entry.fact("by"), entry.fact("reason"));
    }

    private String state(WorkerRow row, Instant now) {
        if (isolation.of(row.id()).isPresent()) {
            return "isolated";
        }
        return switch (row.state()) {
            case ISOLATED -> "isolated";
            case REMOVED -> "removed";
            case ACTIVE ->
                row.seenAt() == null ? "new" : row.seenAt().isAfter(now.minus(offlineAfter)) ? "online" : "offline";
        };
    }
}

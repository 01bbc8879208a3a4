package io.lyftdata.fleet;

import io.lyftdata.api.Workers.IssuedKey;
import io.lyftdata.apikey.ApiKeys;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.auth.Caller;
import io.lyftdata.db.Database;
import io.lyftdata.ledger.Change;
import io.lyftdata.ledger.Topic;
import io.lyftdata.worker.Isolation;
import io.lyftdata.worker.Isolation.Target;
import io.lyftdata.worker.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a worker, or of its identity: with either all its keys end and its identity never comes in again, whatever
 * is restored. Safe for use by many threads.
 */
public final class Removal {
    private static final Logger LOG = LoggerFactory.getLogger(Removal.class);

    private final Restrictions restrictions;
    private final Database database;
    private final Audit audit;
    private final Workers workers;
    private final Isolation isolation;
    private final ApiKeys keys;

    public Removal(
            Database database,
            Audit audit,
            Restrictions restrictions,
            Workers workers,
            Isolation isolation,
            ApiKeys keys) {
        this.database = database;
        this.audit = audit;
        this.restrictions = restrictions;
        this.workers = workers;
        this.isolation = isolation;
        this.keys = keys;
    }

    /** Shuts the worker out for good, but for its name, which an operator may add again; done twice it does nothing. */
    public void remove(Caller caller, String name) {
        String id = Workers.idOf(name);
        Target target = workers.target(id);
        if (isolation.isRemoved(id)) {
            return;
        }
        List<Change> entries = ends(target);
        entries.add(new Change(Topic.WORKER, id, "removed"));
        restrictions.restrict(caller, entries, tx -> {
            int ended = keys.endAll(tx, id);
            workers.remove(tx, id);
            return Event.of(Action.WORKER_REMOVED, id).set("keysEnded", ended);
        });
        LOG.info("{} removed worker {}", caller.id(), id);
    }

    /**
     * Ends the worker's identity and keys and makes a bootstrap key, by which it binds another identity; one that was
     * isolated is released.
     *
     * @throws io.lyftdata.api.Refusal {@code not_found}, or {@code conflict} for a removed one
     */
    public IssuedKey reset(Caller caller, String name) {
        String id = Workers.idOf(name);
        Target target = workers.target(id);
        workers.refuseRemoved(id);
        AtomicReference<IssuedKey> key = new AtomicReference<>();
        change(caller, ends(target), tx -> {
            int ended = keys.endAll(tx, id);
            workers.endIdentity(tx, id);
            key.set(keys.issue(tx, caller, id));
            return Event.of(Action.WORKER_RESET, id).set("keysEnded", ended);
        });
        isolation.release(caller, List.of(id));
        LOG.info("{} reset worker {}", caller.id(), id);
        return key.get();
    }

    /** A worker that has neither identity nor key has nothing that could be restricted. */
    private void change(Caller caller, List<Change> entries, Function<Handle, Event> change) {
        if (entries.isEmpty()) {
            database.write(tx -> {
                audit.record(tx, caller, change.apply(tx));
                return null;
            });
        } else {
            restrictions.restrict(caller, entries, change);
        }
    }

    private List<Change> ends(Target target) {
        List<Change> entries = new ArrayList<>(keys.revocations(target.id()));
        if (target.identity() != null) {
            entries.add(new Change(Topic.IDENTITY, target.identity(), "ended"));
        }
        return entries;
    }
}

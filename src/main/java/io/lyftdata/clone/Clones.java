package io.lyftdata.clone;

import io.lyftdata.api.Refusal;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.auth.Caller;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.db.Database;
import io.lyftdata.worker.Isolation;
import io.lyftdata.worker.Sentence;
import io.lyftdata.worker.Sighting;
import io.lyftdata.worker.Worker;
import io.lyftdata.worker.Workers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The alarm that two processes act as one worker: a copied host, or a thief. It leaves a record before the request that
 * raises it is answered. An operator's decision on the worker closes it, or a day without a further sign. Safe for use by
 * many threads.
 */
public final class Clones {
    private static final Logger LOG = LoggerFactory.getLogger(Clones.class);
    private static final Duration LAPSE = Duration.ofDays(1);
    /** How often a sign of what is known already is written down. */
    private static final Duration TOUCH = Duration.ofMinutes(1);

    private final Database database;
    private final Audit audit;
    private final Workers workers;
    private final Isolation isolation;
    private final Clock clock;
    private final Rules rules;
    private final Map<String, Instances> all = new ConcurrentHashMap<>();

    /**
     * What counts.
     *
     * @param isolates whether a worker with a clone is isolated
     * @param offlineAfter how long a worker may be silent and still lives
     * @param ticks monotonic nanoseconds
     */
    public record Rules(boolean isolates, Duration offlineAfter, LongSupplier ticks) {}

    public Clones(Database database, Audit audit, Workers workers, Isolation isolation, Clock clock, Rules rules) {
        this.database = database;
        this.audit = audit;
        this.workers = workers;
        this.isolation = isolation;
        this.clock = clock;
        this.rules = rules;
    }

    /**
     * Does the work of a worker's request, unless that shows a clone which is to be isolated.
     *
     * @param instance of its process, as it says
     * @param begun when the request began, monotonic nanoseconds
     * @throws Refusal {@code worker_isolated}
     */
    public <T> T watch(Caller worker, String instance, long begun, Supplier<T> work) {
        if (!KeyString.isPublicId(instance)) {
            return work.get();
        }
        Instances instances = all.computeIfAbsent(worker.id(), id -> new Instances());
        if (instances.isClone(instance, begun, clock.instant())) {
            raise(worker, instance, instances.current(), lastAddress(worker.id()));
        }
        T answer = work.get();
        instances.answered(instance, begun, rules.ticks().getAsLong(), clock.instant());
        return answer;
    }

    private String lastAddress(String workerId) {
        return workers.sightings().newest(workerId).map(Sighting::address).orElse("");
    }

    /**
     * Judges a recovery before it is granted: one from another address than that of a worker that lives, or from another
     * process while the worker's key still counts, raises the alarm. A worker that was restarted has no need to recover
     * then, since it has that key.
     *
     * @param instance as the request says; null when it does not
     * @param hasKey whether the worker has a key that would be accepted
     * @throws Refusal {@code worker_isolated} when clones are isolated
     */
    public void recovering(Caller worker, String instance, boolean hasKey) {
        Instant since = clock.instant().minus(rules.offlineAfter());
        Optional<Sighting> living = workers.sightings()
                .newest(worker.id())
                .filter(seen -> seen.seenAt().isAfter(since));
        boolean isOther = living.filter(
                        seen -> !seen.address().equals(worker.origin().text())
                                || (hasKey && !seen.instanceId().equals(instance)))
                .isPresent();
        if (isOther) {
            String told = KeyString.isPublicId(instance) ? instance : "";
            raise(worker, told, living.get().instanceId(), living.get().address());
        }
    }

    private void raise(Caller worker, String instance, String otherInstance, String otherAddress) {
        Instant now = clock.instant();
        Optional<CloneAlarm> known = database.read(tx -> open(tx, worker.id()));
        if (known.isEmpty() && database.write(tx -> raise(tx, worker, instance, otherInstance, otherAddress))) {
            LOG.error(
                    "two processes act as worker {}: {} at {} and {} at {}",
                    worker.id(),
                    instance,
                    worker.origin().text(),
                    otherInstance,
                    otherAddress);
        } else if (known.isPresent() && known.get().seenAt().plus(TOUCH).isBefore(now)) {
            database.write(tx -> {
                tx.attach(CloneDao.class).touch(worker.id(), now);
                return null;
            });
        }
        if (rules.isolates()) {
            Sentence sentence = new Sentence("two processes acted as this worker", null);
            isolation.isolate(Caller.server(), List.of(workers.target(worker.id())), sentence);
            isolation.refuse(worker.id());
        }
    }

    private boolean raise(Handle tx, Caller worker, String instance, String otherInstance, String otherAddress) {
        if (open(tx, worker.id()).isPresent()) {
            return false;
        }
        String address = worker.origin().text();
        tx.attach(CloneDao.class)
                .put(new CloneAlarm(
                        worker.id(),
                        workers.find(tx, worker.id()).map(Worker::identity).orElse(""),
                        isolation.position(),
                        clock.instant(),
                        instance,
                        address,
                        otherInstance,
                        otherAddress));
        Event event = Event.of(Action.WORKER_CLONED, worker.id())
                .set("instance", instance)
                .set("otherInstance", otherInstance)
                .set("otherAddress", otherAddress);
        audit.record(tx, worker, event);
        return true;
    }

    private Optional<CloneAlarm> open(Handle tx, String workerId) {
        return tx.attach(CloneDao.class).find(workerId).filter(alarm -> isOpen(tx, alarm));
    }

    private boolean isOpen(Handle tx, CloneAlarm alarm) {
        return alarm.seenAt().isAfter(clock.instant().minus(LAPSE))
                && !isolation.isDecidedSince(alarm.workerId(), alarm.ledger())
                && workers.find(tx, alarm.workerId())
                        .flatMap(Worker::boundIdentity)
                        .filter(alarm.identity()::equals)
                        .isPresent();
    }

    /** Those that are open, in the order of their workers. */
    public List<CloneAlarm> alarms() {
        Instant since = clock.instant().minus(LAPSE);
        return database.read(tx -> tx.attach(CloneDao.class).since(since).stream()
                .filter(alarm -> isOpen(tx, alarm))
                .toList());
    }

    /** The workers whose alarm is open. */
    public List<String> open() {
        return alarms().stream().map(CloneAlarm::workerId).toList();
    }
}

package io.lyftdata.rotation;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.Times;
import io.lyftdata.api.Workers.View;
import io.lyftdata.api.rotation.Rotation.Left;
import io.lyftdata.api.rotation.Rotation.Progress;
import io.lyftdata.api.rotation.Rotation.Wish;
import io.lyftdata.apikey.ApiKey;
import io.lyftdata.apikey.KeyJudge;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.auth.Caller;
import io.lyftdata.db.Database;
import io.lyftdata.db.Paging;
import io.lyftdata.worker.Labels;
import io.lyftdata.worker.Workers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Orders to renew keys, and how far they have come. An order is one row, however large the fleet. Safe for use by many
 * threads.
 */
public final class Rotations {
    private static final Logger LOG = LoggerFactory.getLogger(Rotations.class);
    private static final Duration LONGEST_OVERLAP = Duration.ofDays(1);

    private final Database database;
    private final Audit audit;
    private final Workers workers;
    private final KeyJudge judge;
    private final RotationRules rules;
    private final Clock clock;

    public Rotations(
            Database database, Audit audit, Workers workers, KeyJudge judge, RotationRules rules, Clock clock) {
        this.database = database;
        this.audit = audit;
        this.workers = workers;
        this.judge = judge;
        this.rules = rules;
        this.clock = clock;
    }

    /**
     * Orders that keys be renewed; each worker learns of it from a heartbeat.
     *
     * @throws Refusal {@code unprocessable}, {@code not_found}, {@code worker_isolated}, or {@code deadline_passed}
     */
    public Progress order(Caller caller, Wish wish) {
        Optional<String> worker = Optional.ofNullable(wish.worker()).map(this::rotatable);
        Map<String, String> labels = Labels.checked(wish.labels());
        refuseUnclearScope(wish, labels);
        Instant now = clock.instant();
        Instant deadline = deadline(wish.deadline(), now);
        Long overlap = overlap(wish.overlap());
        RotationOrder order = database.write(tx -> {
            RotationDao dao = tx.attach(RotationDao.class);
            RotationOrder made =
                    new RotationOrder(dao.last() + 1, worker.orElse(null), labels, now, caller.id(), deadline, overlap);
            dao.insert(made.number(), made.workerId(), labels, now, made.orderedBy(), deadline, overlap);
            audit.record(tx, caller, event(made));
            return made;
        });
        rules.add(order);
        LOG.info("{} ordered rotation {}", caller.id(), order.number());
        return progress(order.number(), Paging.of(null, null));
    }

    private String rotatable(String name) {
        View worker = workers.show(Workers.idOf(name));
        if (worker.state().equals("isolated")) {
            throw new Refusal(
                    Code.WORKER_ISOLATED,
                    "worker " + worker.id() + " is isolated, and its key is not renewed until it is released: lyftdata"
                            + " workers release " + worker.id());
        }
        if (worker.admittedAt() == null) {
            throw new Refusal(
                    Code.UNPROCESSABLE,
                    "worker " + worker.id() + " has not joined yet: its bootstrap key is not renewed, but lyftdata"
                            + " api-keys issue " + worker.id() + " makes another");
        }
        return worker.id();
    }

    private void refuseUnclearScope(Wish wish, Map<String, String> labels) {
        boolean all = Boolean.TRUE.equals(wish.all());
        int scopes = (wish.worker() == null ? 0 : 1) + (labels.isEmpty() ? 0 : 1) + (all ? 1 : 0);
        if (scopes != 1) {
            throw new Refusal(Code.UNPROCESSABLE, "say whose keys: exactly one of worker, labels, and all as true");
        }
        boolean isNobody = !labels.isEmpty()
                && fleet().stream()
                        .noneMatch(worker -> worker.labels().entrySet().containsAll(labels.entrySet()));
        if (isNobody) {
            throw new Refusal(Code.UNPROCESSABLE, "no worker has these labels; lyftdata workers list shows them");
        }
    }

    private List<View> fleet() {
        return workers.list(new Paging(Integer.MAX_VALUE - 1, "")).items();
    }

    private static Instant deadline(String text, Instant now) {
        if (text == null) {
            return null;
        }
        Instant deadline = Times.parseDuration(text)
                .map(now::plus)
                .or(() -> Times.parse(text))
                .orElseThrow(() -> new Refusal(
                        Code.UNPROCESSABLE, "deadline must be how long from now, such as 10m, or an RFC 3339 time"));
        if (!deadline.isAfter(now)) {
            throw new Refusal(
                    Code.DEADLINE_PASSED,
                    "the deadline has passed, so every key would be refused at once; give a later one, or revoke the"
                            + " keys");
        }
        return deadline;
    }

    private static Long overlap(String text) {
        if (text == null) {
            return null;
        }
        return Times.parseDuration(text.equals("0") ? "0s" : text)
                .filter(overlap -> overlap.compareTo(LONGEST_OVERLAP) <= 0)
                .map(Duration::toMillis)
                .orElseThrow(() ->
                        new Refusal(Code.UNPROCESSABLE, "overlap must be 0, or a duration such as 10m, of at most 1d"));
    }

    private static Event event(RotationOrder order) {
        Event event = Event.of(Action.ROTATION_ORDERED, Long.toString(order.number()));
        event = order.workerId() == null ? event : event.set("worker", order.workerId());
        event = order.labels().isEmpty() ? event : event.set("labels", order.labels());
        event = order.deadline() == null ? event : event.set("deadline", order.deadline());
        return order.overlapMillis() == null ? event : event.set("overlapMillis", order.overlapMillis());
    }

    /**
     * How far an order has come.
     *
     * @param number null: all that is due, by age or by order
     */
    public Progress progress(Long number, Paging paging) {
        RotationOrder order = number == null ? null : find(number);
        List<Left> left = new ArrayList<>();
        Map<String, Long> counts = new TreeMap<>();
        long total = 0;
        Map<String, List<ApiKey>> keys = keys();
        for (View worker : fleet()) {
            if (isConcerned(worker, order)) {
                total++;
                judge(worker, order, keys.getOrDefault(worker.id(), List.of())).ifPresent(left::add);
            }
        }
        left.forEach(some -> counts.merge(some.why(), 1L, Long::sum));
        var page = paging.page(
                left.stream()
                        .filter(some -> some.workerId().compareTo(paging.after()) > 0)
                        .limit(paging.limit() + 1L)
                        .toList(),
                Left::workerId);
        return new Progress(
                order == null ? null : order.view(), total, total - left.size(), counts, page.items(), page.next());
    }

    /** Whether all keys were ordered to be renewed without an overlap, since then. */
    public boolean isOrderedSince(Instant time) {
        return rules.orders().stream()
                .filter(order -> order.workerId() == null && order.labels().isEmpty())
                .filter(order -> order.overlap().filter(Duration::isZero).isPresent())
                .anyMatch(order -> !order.orderedAt().isBefore(time));
    }

    /** When the last of the keys in use was first used; empty when there is none. */
    public Optional<Instant> lastRenewal() {
        return database.read(tx -> tx.attach(RotationDao.class).keys()).stream()
                .map(key -> key.firstUsedAt() == null ? key.createdAt() : key.firstUsedAt())
                .max(Comparator.naturalOrder());
    }

    private RotationOrder find(long number) {
        return rules.orders().stream()
                .filter(order -> order.number() == number)
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        Code.NOT_FOUND, "there is no rotation with that number; the audit log has ROTATION_ORDERED"));
    }

    private Map<String, List<ApiKey>> keys() {
        Map<String, List<ApiKey>> keys = new HashMap<>();
        database.read(tx -> tx.attach(RotationDao.class).keys())
                .forEach(key -> keys.computeIfAbsent(key.workerId(), id -> new ArrayList<>(2))
                        .add(key));
        return keys;
    }

    private static boolean isConcerned(View worker, RotationOrder order) {
        return worker.admittedAt() != null
                && !worker.state().equals("removed")
                && (order == null || order.isAbout(worker.id(), worker.labels()));
    }

    /** Empty when the worker uses a key that is new enough. */
    private Optional<Left> judge(View worker, RotationOrder order, List<ApiKey> keys) {
        Optional<ApiKey> current =
                keys.stream().filter(key -> key.state() == ApiKey.State.ACTIVE).findFirst();
        boolean counts = current.filter(judge::counts).isPresent();
        boolean isDone = counts
                && current.filter(key -> order == null ? rules.isWanted(key) : order.covers(key))
                        .isEmpty();
        String why = worker.state().equals("isolated")
                ? "isolated"
                : !worker.state().equals("online")
                        ? "offline"
                        : !counts ? "refused" : keys.size() > 1 ? "pending" : "waiting";
        return isDone
                ? Optional.empty()
                : Optional.of(new Left(
                        worker.id(),
                        why,
                        current.map(ApiKey::id).orElse(null),
                        current.map(ApiKey::createdAt).orElse(null),
                        current.map(ApiKey::expiresAt).orElse(null),
                        worker.lastSeenAt()));
    }
}

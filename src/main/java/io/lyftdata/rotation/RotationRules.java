package io.lyftdata.rotation;

import io.lyftdata.apikey.ApiKey;
import io.lyftdata.apikey.KeyRules;
import io.lyftdata.db.Database;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Which keys are due, and which have missed a deadline: by the policy, and by the orders, which are kept in memory. Safe
 * for use by many threads.
 */
public final class RotationRules implements KeyRules {
    /** 10,000 workers are told within 34 s, and each heartbeats every 15 s. */
    private static final int RENEWALS_PER_TENTH = 30;

    private static final double SPREAD = 0.1;
    private static final double DIGITS = 0x1p32;
    private static final Duration SET_BACK = Duration.ofMinutes(2);

    private final Database database;
    private final RotationConfig.Policy policy;
    private final Clock clock;
    private final Slots slots;
    private volatile List<RotationOrder> orders;
    private volatile BooleanSupplier isBusy = () -> false;

    /** @param ticks monotonic nanoseconds */
    public RotationRules(Database database, RotationConfig config, Clock clock, LongSupplier ticks) {
        this.database = database;
        this.policy = config.policy();
        this.clock = clock;
        this.slots = new Slots(RENEWALS_PER_TENTH, ticks);
    }

    /** While the server is busy no worker is told to rotate that can do it later. */
    public void putOffWhile(BooleanSupplier busy) {
        isBusy = busy;
    }

    /** All orders, oldest first; read once, when first asked for. */
    List<RotationOrder> orders() {
        List<RotationOrder> known = orders;
        return known == null ? load() : known;
    }

    private synchronized List<RotationOrder> load() {
        if (orders == null) {
            orders =
                    List.copyOf(database.read(tx -> tx.attach(RotationDao.class).orders()));
        }
        return orders;
    }

    /** From here on it counts. */
    synchronized void add(RotationOrder order) {
        List<RotationOrder> more = new ArrayList<>(load());
        if (more.stream().noneMatch(known -> known.number() == order.number())) {
            more.add(order);
        }
        orders = List.copyOf(more);
    }

    @Override
    public Duration maximumAge(Map<String, String> labels) {
        return policy.terms(labels).maximumAge();
    }

    /** The least of any worker. */
    Duration shortestAge() {
        return policy.shortestAge();
    }

    @Override
    public Duration overlap(ApiKey former) {
        return covering(former).stream()
                .map(RotationOrder::overlap)
                .flatMap(Optional::stream)
                .min(Duration::compareTo)
                .orElseGet(() -> policy.terms(former.labels()).overlap());
    }

    @Override
    public boolean isOverdue(ApiKey key) {
        Instant now = clock.instant();
        return isOfWorker(key) && covering(key).stream().anyMatch(order -> order.isPast(now));
    }

    private List<RotationOrder> covering(ApiKey key) {
        List<RotationOrder> all = orders();
        if (all.isEmpty() || key.rotation() >= all.get(all.size() - 1).number()) {
            return List.of();
        }
        return all.stream().filter(order -> order.covers(key)).toList();
    }

    /** Whether the worker is to be told now that its key is due: not all at once, unless a deadline is near. */
    public boolean isDue(ApiKey key) {
        if (key.state() != ApiKey.State.ACTIVE || !isWanted(key)) {
            return false;
        }
        Instant now = clock.instant();
        return covering(key).stream().anyMatch(order -> order.isUrgent(now))
                || (!isBusy.getAsBoolean() && slots.take());
    }

    /** Whether the key is to be renewed, sooner or later. */
    boolean isWanted(ApiKey key) {
        return isOfWorker(key) && (isAged(key) || !covering(key).isEmpty());
    }

    private static boolean isOfWorker(ApiKey key) {
        return key.kind() == ApiKey.Kind.WORKER;
    }

    private boolean isAged(ApiKey key) {
        Instant now = clock.instant();
        boolean isFromTheFuture = key.createdAt().isAfter(now.plus(SET_BACK));
        return isFromTheFuture || !now.isBefore(key.createdAt().plus(halfLife(key)));
    }

    /** Half of the maximum age, give or take a tenth by the key's id, the same at every call. */
    private Duration halfLife(ApiKey key) {
        double fraction = Long.parseLong(key.id().substring(0, 8), 16) / DIGITS;
        double share = (1 - SPREAD + 2 * SPREAD * fraction) / 2;
        return Duration.ofMillis(Math.round(share * maximumAge(key.labels()).toMillis()));
    }
}

package io.lyftdata.rotation;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The nonces of good proofs, each kept for 300 s and for as long as its proof could be taken again; at most 20 a worker,
 * so that memory is bounded by the fleet. Safe for use by many threads.
 */
final class Nonces {
    private static final long KEPT_NANOS = Duration.ofMinutes(5).toNanos();
    private static final int MOST_PER_WORKER = 20;

    private final Clock clock;
    private final LongSupplier ticks;
    private final Duration tolerance;
    /** By worker, the one that was heard longest ago first. */
    private final Map<String, Deque<Seen>> byWorker = new LinkedHashMap<>(16, 0.75f, true);

    private record Seen(String nonce, long tick, Instant proofTime) {}

    /** What a nonce is. */
    enum Fate {
        NEW,
        REUSED,
        /** The worker has proved itself too often. */
        TOO_MANY
    }

    /** @param tolerance how far a proof's time may be from the clock's */
    Nonces(Clock clock, LongSupplier ticks, Duration tolerance) {
        this.clock = clock;
        this.ticks = ticks;
        this.tolerance = tolerance;
    }

    /** Keeps it, unless it was used before or the worker has too many. */
    synchronized Fate keep(String worker, String nonce, Instant proofTime) {
        forget();
        Deque<Seen> own = byWorker.computeIfAbsent(worker, id -> new ArrayDeque<>(2));
        own.removeIf(this::isOver);
        if (own.stream().anyMatch(seen -> seen.nonce().equals(nonce))) {
            return Fate.REUSED;
        }
        if (own.size() >= MOST_PER_WORKER) {
            return Fate.TOO_MANY;
        }
        own.add(new Seen(nonce, ticks.getAsLong(), proofTime));
        return Fate.NEW;
    }

    private void forget() {
        Iterator<Deque<Seen>> eldest = byWorker.values().iterator();
        while (eldest.hasNext()) {
            Deque<Seen> own = eldest.next();
            own.removeIf(this::isOver);
            if (!own.isEmpty()) {
                return;
            }
            eldest.remove();
        }
    }

    private boolean isOver(Seen seen) {
        boolean isStale =
                Duration.between(clock.instant(), seen.proofTime()).abs().compareTo(tolerance) > 0;
        return isStale && ticks.getAsLong() - seen.tick() >= KEPT_NANOS;
    }

    synchronized int workers() {
        return byWorker.size();
    }
}

package io.lyftdata.auth;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Slows down guessing: each address (IPv6: each /64) has a store of refusals that fills up again evenly. Only refused
 * requests take from it, so it never stands in the way of a good credential. Safe for use by many threads; remembers
 * at most 10,000 addresses, those refused last.
 */
public final class RefusalLimiter {
    private static final int MAX_ADDRESSES = 10_000;
    private static final long NANOS_PER_MINUTE = Duration.ofMinutes(1).toNanos();

    private final int burst;
    private final long nanosPerRefusal;
    private final LongSupplier nanoTime;
    /** By address, the time at which its store is full again. */
    private final Map<String, Long> fullAt = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MAX_ADDRESSES;
        }
    };

    /**
     * @param perMinute how many refusals an address may get in a minute, at once or spread
     * @param nanoTime a monotonic clock, {@code System::nanoTime}
     */
    public RefusalLimiter(int perMinute, LongSupplier nanoTime) {
        this.burst = perMinute;
        this.nanosPerRefusal = NANOS_PER_MINUTE / perMinute;
        this.nanoTime = nanoTime;
    }

    /** Counts one refusal; when the address had too many already, says how long to wait. */
    public Optional<Duration> refuse(Origin origin) {
        return take(origin.network());
    }

    /** Counts one call of whoever that is; when there were too many already, says how long to wait. */
    synchronized Optional<Duration> take(String who) {
        long now = nanoTime.getAsLong();
        Optional<Duration> wait = waitFor(who, now);
        if (wait.isEmpty()) {
            fullAt.put(who, now + owed(who, now) + nanosPerRefusal);
        }
        return wait;
    }

    /** Gives one back that was counted before the outcome was known. */
    public synchronized void takeBack(Origin origin) {
        fullAt.computeIfPresent(origin.network(), (key, full) -> full - nanosPerRefusal);
    }

    /** How long the address has to wait until one more refusal is possible; empty when it is now. */
    public synchronized Optional<Duration> waitFor(Origin origin) {
        return waitFor(origin.network(), nanoTime.getAsLong());
    }

    private Optional<Duration> waitFor(String who, long now) {
        long over = owed(who, now) + nanosPerRefusal - burst * nanosPerRefusal;
        return over > 0 ? Optional.of(Duration.ofNanos(over)) : Optional.empty();
    }

    private long owed(String key, long now) {
        Long full = fullAt.get(key);
        return full == null ? 0 : Math.max(0, full - now);
    }
}

package io.lyftdata.monitoring;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.http.Problems;
import io.prometheus.metrics.core.metrics.Counter;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * While calls wait for a thread, and have for a while, workers' are turned away unread, each to a moment of its own
 * within the spread: what the server takes on it finishes soon, a fleet that comes back all at once is let in over that
 * time, and people's calls hardly wait behind it. What gathers during a pause of the virtual machine is no reason. Safe
 * for use by many threads.
 */
public final class Shedding implements Filter {
    private static final long PATIENCE = Duration.ofMillis(500).toNanos();
    /** So many times as many are turned away at once. */
    private static final int AT_ONCE = 8;

    private final int most;
    private final Duration spread;
    private final Predicate<String> isWorkers;
    private final ToIntFunction<ServletRequest> waiting;
    private final LongSupplier ticks;
    private final Counter shed;
    /** As the newest call met it. */
    private volatile int queue;
    /** Since when too many have waited at every call; null: they have not. */
    private volatile Long since;

    /**
     * @param most how many calls may wait for a thread before workers' are turned away
     * @param spread over which those are told to come again, in whole seconds
     * @param isWorkers whether a path is of calls that come again by themselves
     * @param waiting how many calls wait for a thread of this one's connector now
     * @param ticks monotonic nanoseconds
     */
    public Shedding(
            int most,
            Duration spread,
            Predicate<String> isWorkers,
            ToIntFunction<ServletRequest> waiting,
            LongSupplier ticks,
            Monitor monitor) {
        this.most = most;
        this.spread = spread;
        this.isWorkers = isWorkers;
        this.waiting = waiting;
        this.ticks = ticks;
        this.shed = monitor.counter("http_shed_requests", "Workers' calls turned away because the server was behind.");
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!isBehind(waiting.applyAsInt(request)) || !isWorkers.test(((HttpServletRequest) request).getRequestURI())) {
            chain.doFilter(request, response);
            return;
        }
        shed.inc();
        Duration wait = Duration.ofSeconds(1 + (long) (spread.toSeconds() * Randomness.fraction()));
        Problems.send(
                request,
                (HttpServletResponse) response,
                new Refusal(Code.UNAVAILABLE, "more workers call than the server keeps up with: try again")
                        .retryAfter(wait));
    }

    private boolean isBehind(int now) {
        queue = now;
        if (now <= most) {
            since = null;
            return false;
        }
        Long begun = since;
        if (begun == null) {
            since = ticks.getAsLong();
        }
        return now > AT_ONCE * most || (begun != null && ticks.getAsLong() - begun >= PATIENCE);
    }

    /** Whether so many calls wait that what can be put off should be, lest workers be turned away. */
    public boolean isNear() {
        return queue > most / 4;
    }
}

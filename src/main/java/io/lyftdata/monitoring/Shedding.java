package io.lyftdata.monitoring;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.http.KeptConnection;
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
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;

/**
 * While calls wait for a thread, and have for a while, workers' are turned away unread, each to a moment of its own
 * within the spread, and first those that carry telemetry, which a worker keeps: what the server takes on it finishes
 * soon, a fleet that comes back all at once is let in over that time, and people's calls hardly wait behind it. What
 * gathers during a pause of the virtual machine is no reason. Whoever is turned away keeps the connection, or would cost a
 * handshake more. Safe for use by many threads.
 */
public final class Shedding implements Filter {
    private static final long PATIENCE = Duration.ofMillis(500).toNanos();
    /** So many times as many are turned away at once. */
    private static final int AT_ONCE = 8;
    /** Such a part of the calls that may wait is enough to turn telemetry away, and to put off what can be. */
    private static final int NEAR = 4;

    /** What is turned away of calls to a path. */
    public enum Kind {
        /** Nothing: people's, who do not come again by themselves. */
        KEPT,
        /** Workers' signs of life, and what concerns their keys. */
        NEEDED,
        /** What the worker keeps until it is taken. */
        TELEMETRY
    }

    private final Level full;
    private final Level near;
    private final Duration spread;
    private final Function<String, Kind> kinds;
    private final ToIntFunction<ServletRequest> waiting;
    private final LongSupplier ticks;
    private final Counter shed;
    /** As the newest call met it. */
    private volatile int queue;

    /**
     * @param most how many calls may wait for a thread before workers' are turned away; telemetry at a quarter of it
     * @param spread over which those are told to come again, in whole seconds
     * @param kinds of a path's calls
     * @param waiting how many calls wait for a thread of this one's connector now
     * @param ticks monotonic nanoseconds
     */
    public Shedding(
            int most,
            Duration spread,
            Function<String, Kind> kinds,
            ToIntFunction<ServletRequest> waiting,
            LongSupplier ticks,
            Monitor monitor) {
        this.full = new Level(most);
        this.near = new Level(most / NEAR);
        this.spread = spread;
        this.kinds = kinds;
        this.waiting = waiting;
        this.ticks = ticks;
        this.shed = monitor.counter("http_shed_requests", "Workers' calls turned away because the server was behind.");
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        int now = waiting.applyAsInt(request);
        queue = now;
        boolean isFull = full.isPassed(now);
        boolean isNear = near.isPassed(now);
        boolean isShed = isNear
                && switch (kinds.apply(((HttpServletRequest) request).getRequestURI())) {
                    case KEPT -> false;
                    case NEEDED -> isFull;
                    case TELEMETRY -> true;
                };
        if (!isShed) {
            chain.doFilter(request, response);
            return;
        }
        shed.inc();
        Duration wait = Duration.ofSeconds(1 + (long) (spread.toSeconds() * Randomness.fraction()));
        KeptConnection.keep(request, wait);
        Problems.send(
                request,
                (HttpServletResponse) response,
                new Refusal(Code.UNAVAILABLE, "more workers call than the server keeps up with: try again")
                        .retryAfter(wait));
    }

    /** Whether so many calls wait that what can be put off should be, lest workers be turned away. */
    public boolean isNear() {
        return queue > near.most;
    }

    /** So many calls may wait. */
    private final class Level {
        private final int most;
        /** Since when more have waited at every call; null: they have not. */
        private volatile Long since;

        private Level(int most) {
            this.most = most;
        }

        private boolean isPassed(int now) {
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
    }
}

package io.lyftdata.agent;

import io.lyftdata.client.ApiFailure;
import io.lyftdata.config.BadSetting;
import io.lyftdata.crypto.Randomness;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thing that the worker does again and again. What fails is tried again after a wait that doubles up to a cap and is
 * then drawn anew from the whole of it (full jitter), so that a fleet never calls in step. Used by one thread.
 */
final class Lane {
    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);
    private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
    /** For a server that is away or busy: 1,000 workers are back within a minute. */
    private static final Duration CAP = Duration.ofSeconds(30);

    private static final Duration LONGEST_OBEYED = Duration.ofHours(1);

    /** Does its work and says how long until the next time. */
    interface Work {
        Duration run();
    }

    private final String name;
    private final Work work;
    private final Duration refusedCap;
    private final Function<ApiFailure, String> advice;
    private final LongSupplier ticks;
    private long dueTick;
    private int failures;
    /** Of those in a row, the last ones of one kind: a server that is back and says no is no server that stays away. */
    private int alike;

    private Duration lastCap = CAP;
    private String lastSentence = "";

    /**
     * @param name what fails, for the log
     * @param refusedCap longest wait after the server said no
     * @param advice what to do about a failure, for the log
     * @param ticks monotonic nanoseconds
     */
    Lane(String name, Work work, Duration refusedCap, Function<ApiFailure, String> advice, LongSupplier ticks) {
        this.name = name;
        this.work = work;
        this.refusedCap = refusedCap;
        this.advice = advice;
        this.ticks = ticks;
        this.dueTick = ticks.getAsLong();
    }

    /** Does the work if it is due; how long until it is due again. */
    Duration run() {
        if (untilDue().isZero()) {
            Duration wait = attempt();
            dueTick = ticks.getAsLong() + wait.toNanos();
        }
        return untilDue();
    }

    boolean isFailing() {
        return failures > 0;
    }

    /** Why it failed last, in one line; empty: it works. */
    Optional<String> trouble() {
        return isFailing() ? Optional.of(lastSentence) : Optional.empty();
    }

    private Duration untilDue() {
        return Duration.ofNanos(Math.max(0, dueTick - ticks.getAsLong()));
    }

    private Duration attempt() {
        try {
            Duration next = work.run();
            if (failures > 0) {
                LOG.info("{}: works again after {} failed attempts", name, failures);
            }
            failures = 0;
            alike = 0;
            lastSentence = "";
            return next;
        } catch (ApiFailure failure) {
            Duration cap = isRefusal(failure) ? refusedCap : CAP;
            return failed(advice.apply(failure), cap, failure.retryAfter());
        } catch (BadSetting failure) {
            return failed(failure.getMessage(), refusedCap, Optional.empty());
        } catch (UncheckedIOException failure) {
            return failed("the jobs directory cannot be written: check its disk and owner", CAP, Optional.empty());
        } catch (RuntimeException flaw) {
            // A flaw in one lane must not stop the heartbeat in another.
            LOG.error("{}: a flaw in this program", name, flaw);
            return failed("a flaw in this program, see the log", CAP, Optional.empty());
        }
    }

    private Duration failed(String sentence, Duration cap, Optional<Duration> retryAfter) {
        failures++;
        alike = cap.equals(lastCap) ? alike + 1 : 1;
        lastCap = cap;
        if (!sentence.equals(lastSentence) && !Thread.currentThread().isInterrupted()) {
            lastSentence = sentence;
            LOG.warn("{}: {}; trying again", name, sentence);
        }
        return waitAfter(alike, cap, retryAfter, Randomness.fraction());
    }

    private static boolean isRefusal(ApiFailure failure) {
        int status = failure.status();
        return status / 100 == 4 && status != 408 && status != 429;
    }

    /**
     * The wait before the next attempt.
     *
     * @param failures in a row, at least 1
     * @param retryAfter what the server asked for; it is kept, and the jitter comes on top
     * @param fraction uniform in 0 ≤ x &lt; 1
     */
    static Duration waitAfter(int failures, Duration cap, Optional<Duration> retryAfter, double fraction) {
        Duration doubled = FIRST_WAIT.multipliedBy(1L << Math.min(failures - 1, 20));
        Duration ceiling = doubled.compareTo(cap) < 0 ? doubled : cap;
        Duration asked = retryAfter
                .filter(wait -> wait.compareTo(LONGEST_OBEYED) < 0)
                .orElse(retryAfter.isPresent() ? LONGEST_OBEYED : Duration.ZERO);
        return asked.plusMillis(1 + (long) (fraction * ceiling.toMillis()));
    }
}

package io.lyftdata.clone;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The processes that act as one worker, in the order in which they came. That a new one comes is a restart; that one
 * which was followed by another begins a request later than that one was answered shows that both live. Safe for use by
 * many threads.
 */
final class Instances {
    private static final Duration MEMORY = Duration.ofHours(1);
    private static final int RETURNS_OF_A_CLONE = 2;
    private static final int MOST = 16;

    /** Those that another followed, with the time at which it did. */
    private final Map<String, Instant> former = new LinkedHashMap<>();

    private final Deque<Instant> returns = new ArrayDeque<>();
    private String current;
    private long answeredAt;

    /**
     * Whether the request makes it certain that there is a clone.
     *
     * @param begun when the request began, monotonic nanoseconds
     */
    synchronized boolean isClone(String instance, long begun, Instant now) {
        forget(now);
        if (isReturn(instance, begun)) {
            returns.addLast(now);
            if (returns.size() > RETURNS_OF_A_CLONE) {
                returns.removeFirst();
            }
            return returns.size() >= RETURNS_OF_A_CLONE;
        }
        return false;
    }

    /** Notes that a request was answered. */
    synchronized void answered(String instance, long begun, long ended, Instant now) {
        if (instance.equals(current) || (former.containsKey(instance) && !isReturn(instance, begun))) {
            return;
        }
        if (current != null) {
            former.put(current, now);
        }
        former.remove(instance);
        current = instance;
        answeredAt = ended;
        if (former.size() > MOST) {
            former.remove(former.keySet().iterator().next());
        }
    }

    private boolean isReturn(String instance, long begun) {
        return former.containsKey(instance) && begun - answeredAt > 0;
    }

    private void forget(Instant now) {
        Instant since = now.minus(MEMORY);
        former.values().removeIf(time -> !time.isAfter(since));
        returns.removeIf(time -> !time.isAfter(since));
    }

    /** The one that acts now; empty before the first. */
    synchronized String current() {
        return current == null ? "" : current;
    }
}

package io.lyftdata.rotation;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Lets so many through in a second and no more, so that a fleet never renews its keys at one instant. */
final class Slots {
    private static final long NANOS = Duration.ofSeconds(1).toNanos();

    private final int perSecond;
    private final LongSupplier ticks;
    private long second;
    private int taken;

    /** @param ticks monotonic nanoseconds */
    Slots(int perSecond, LongSupplier ticks) {
        this.perSecond = perSecond;
        this.ticks = ticks;
    }

    /** Whether one of this second's was free; it is taken then. */
    synchronized boolean take() {
        long now = Math.floorDiv(ticks.getAsLong(), NANOS);
        if (now != second) {
            second = now;
            taken = 0;
        }
        if (taken == perSecond) {
            return false;
        }
        taken++;
        return true;
    }
}

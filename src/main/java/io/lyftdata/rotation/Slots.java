package io.lyftdata.rotation;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Lets so many through in a tenth of a second and no more, so that a fleet never renews its keys at one instant. */
final class Slots {
    private static final long NANOS = Duration.ofMillis(100).toNanos();

    private final int perTenth;
    private final LongSupplier ticks;
    private long tenth;
    private int taken;

    /** @param ticks monotonic nanoseconds */
    Slots(int perTenth, LongSupplier ticks) {
        this.perTenth = perTenth;
        this.ticks = ticks;
    }

    /** Whether one of this tenth's was free; it is taken then. */
    synchronized boolean take() {
        long now = Math.floorDiv(ticks.getAsLong(), NANOS);
        if (now != tenth) {
            tenth = now;
            taken = 0;
        }
        if (taken == perTenth) {
            return false;
        }
        taken++;
        return true;
    }
}

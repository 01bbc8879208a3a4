package io.lyftdata.snapshot;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Has the work that tells of itself give way to others while they are busy: it then pauses eight times as long as it
 * worked, 2 s at most, so that it takes a ninth of the time and nine times as long. For one thread.
 */
public final class GivingWay implements Progress {
    private static final int PAUSES = 8;
    private static final long MOST = Duration.ofSeconds(2).toNanos();

    private final Progress told;
    private final BooleanSupplier areOthersBusy;
    private final LongSupplier ticks;
    private final LongConsumer pause;
    private long begun;

    /**
     * @param told of the same
     * @param ticks monotonic nanoseconds
     * @param pause for so many nanoseconds
     */
    public GivingWay(Progress told, BooleanSupplier areOthersBusy, LongSupplier ticks, LongConsumer pause) {
        this.told = told;
        this.areOthersBusy = areOthersBusy;
        this.ticks = ticks;
        this.pause = pause;
        this.begun = ticks.getAsLong();
    }

    @Override
    public void at(String step, long done, long total) {
        told.at(step, done, total);
        if (areOthersBusy.getAsBoolean()) {
            pause.accept(Math.min(MOST, PAUSES * (ticks.getAsLong() - begun)));
        }
        begun = ticks.getAsLong();
    }
}

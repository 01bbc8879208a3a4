package io.lyftdata.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GivingWayTest {
    private final List<String> told = new ArrayList<>();
    private long now;
    private boolean areOthersBusy;
    private Duration paused = Duration.ZERO;
    private final GivingWay work = new GivingWay(
            (step, done, total) -> told.add(step + done + "/" + total), () -> areOthersBusy, () -> now, nanos -> {
                paused = paused.plusNanos(nanos);
                now += nanos;
            });

    private Duration pauseAfter(Duration worked) {
        Duration before = paused;
        now += worked.toNanos();
        work.at("a", 1, 2);
        return paused.minus(before);
    }

    @Test
    void pausesEightTimesAsLongAsItWorkedWhileOthersAreBusy() {
        areOthersBusy = true;

        assertThat(pauseAfter(Duration.ofMillis(20))).isEqualTo(Duration.ofMillis(160));
        assertThat(pauseAfter(Duration.ofMillis(1))).isEqualTo(Duration.ofMillis(8));
        assertThat(told).containsExactly("a1/2", "a1/2");
    }

    @Test
    void neverPausesForLong() {
        areOthersBusy = true;

        assertThat(pauseAfter(Duration.ofMinutes(1))).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void worksThroughWhileNobodyElseDoes() {
        assertThat(pauseAfter(Duration.ofMinutes(1))).isZero();
        areOthersBusy = true;
        assertThat(pauseAfter(Duration.ofMillis(1))).isEqualTo(Duration.ofMillis(8));
    }
}

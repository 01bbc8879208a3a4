package io.lyftdata.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.client.ApiFailure;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LaneTest {
    private static final Duration CAP = Duration.ofSeconds(30);

    @Test
    void aFleetAtTheCapIsSpreadOverTheWholeOfIt() {
        Random random = new Random(76);
        int[] tenths = new int[10];
        for (int i = 0; i < 10_000; i++) {
            long millis =
                    wait(12 + i % 50, Optional.empty(), random.nextDouble()).toMillis();
            tenths[(int) ((millis - 1) / 3000)]++;
        }
        for (int count : tenths) {
            assertThat(count).isBetween(850, 1150);
        }
    }

    @Test
    void waitsDoubleUpToTheCapAndNeverEnd() {
        Duration last = Duration.ZERO;
        for (int failures = 1; failures < 1000; failures++) {
            Duration longest = wait(failures, Optional.empty(), 0.999999);
            assertThat(longest).isBetween(last, CAP);
            assertThat(wait(failures, Optional.empty(), 0)).isPositive();
            last = longest;
        }
        assertThat(wait(1, Optional.empty(), 0.999999)).isLessThanOrEqualTo(Duration.ofSeconds(1));
        assertThat(last).isGreaterThan(CAP.minusSeconds(1));
    }

    @Test
    void whatTheServerAskedForIsKeptWithJitterOnTopButNotForEver() {
        assertThat(wait(3, Optional.of(Duration.ofMinutes(2)), 0.5))
                .isBetween(Duration.ofMinutes(2), Duration.ofMinutes(2).plusSeconds(4));
        assertThat(wait(1, Optional.of(Duration.ofDays(999)), 0)).isLessThan(Duration.ofMinutes(61));
    }

    /** After a restore: the server was away for long, and is back to say no once, which the worker then answers by a proof. */
    @Test
    void theFirstNoAfterASilenceIsFollowedUpAtOnce() {
        AtomicLong ticks = new AtomicLong();
        int[] calls = {0};
        Lane lane = new Lane(
                "test",
                () -> {
                    throw ++calls[0] <= 12
                            ? new ApiFailure("the server does not answer")
                            : new ApiFailure("key_expired", 401, Optional.empty(), Optional.empty());
                },
                Duration.ofMinutes(5),
                ApiFailure::getMessage,
                ticks::get);
        for (int i = 0; i < 12; i++) {
            ticks.addAndGet(lane.run().toNanos());
        }
        assertThat(lane.run()).isPositive().isLessThanOrEqualTo(Duration.ofMillis(1001));
        assertThat(calls[0]).isEqualTo(13);
    }

    private static Duration wait(int failures, Optional<Duration> retryAfter, double fraction) {
        return Lane.waitAfter(failures, CAP, retryAfter, fraction);
    }
}

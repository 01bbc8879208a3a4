package io.lyftdata.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RefusalLimiterTest {
    private final AtomicLong nanos = new AtomicLong(-5);
    private final RefusalLimiter limiter = new RefusalLimiter(60, nanos::get);

    private static Origin at(String address) {
        return new Origin(Addresses.address(address), Optional.empty());
    }

    private void exhaust(Origin origin) {
        for (int i = 0; i < 60; i++) {
            assertThat(limiter.refuse(origin)).isEmpty();
        }
        assertThat(limiter.refuse(origin)).isPresent();
    }

    @Test
    void aBurstIsFollowedByOneRefusalASecond() {
        Origin origin = at("192.0.2.1");
        exhaust(origin);
        assertThat(limiter.waitFor(origin)).contains(Duration.ofSeconds(1));
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(limiter.refuse(origin)).isEmpty();
        assertThat(limiter.refuse(origin)).isPresent();
        nanos.addAndGet(Duration.ofMinutes(5).toNanos());
        exhaust(origin);
    }

    @Test
    void oneAddressDoesNotSpendAnothersStore() {
        exhaust(at("192.0.2.1"));
        assertThat(limiter.waitFor(at("192.0.2.2"))).isEmpty();
    }

    @Test
    void oneWorkerDoesNotSpendAnothersStore() {
        for (int i = 0; i < 60; i++) {
            assertThat(limiter.take("web-1")).isEmpty();
        }
        assertThat(limiter.take("web-1")).contains(Duration.ofSeconds(1));
        assertThat(limiter.take("web-2")).isEmpty();
    }

    @Test
    void anIpv6NetworkIsOneGuesser() {
        exhaust(at("2001:db8:0:1::1"));
        assertThat(limiter.waitFor(at("2001:db8:0:1:ffff::2"))).isPresent();
        assertThat(limiter.waitFor(at("2001:db8:0:2::1"))).isEmpty();
    }

    @Test
    void unknownAddressesShareOneStorePerProxy() {
        Origin behind = new Origin(Optional.empty(), Addresses.address("10.0.0.7"));
        exhaust(behind);
        assertThat(limiter.waitFor(at("10.0.0.7"))).isEmpty();
        assertThat(limiter.waitFor(new Origin(Optional.empty(), Addresses.address("10.0.0.8"))))
                .isEmpty();
    }

    @Test
    void whatIsTakenBackCountsNoMore() {
        Origin origin = at("192.0.2.1");
        for (int i = 0; i < 1_000; i++) {
            assertThat(limiter.refuse(origin)).isEmpty();
            limiter.takeBack(origin);
        }
        exhaust(origin);
    }

    @Test
    void manyAddressesDoNotFillTheMemory() {
        exhaust(at("192.0.2.1"));
        for (int i = 0; i < 20_000; i++) {
            limiter.refuse(at("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255)));
        }
        assertThat(List.of(limiter.waitFor(at("192.0.2.1")), limiter.waitFor(at("10.0.0.0"))))
                .as("the oldest are forgotten")
                .allMatch(Optional::isEmpty);
    }
}

package io.lyftdata.heartbeat;

import java.time.Duration;

/**
 * The section {@code heartbeat} of the configuration.
 *
 * @param interval how often a worker calls, 1 s to 1 h; silent for three of them it is offline
 */
public record HeartbeatConfig(Duration interval) {
    private static final int MISSED_BEFORE_OFFLINE = 3;

    public HeartbeatConfig {
        interval = interval == null ? Duration.ofSeconds(15) : interval;
        if (interval.compareTo(Duration.ofSeconds(1)) < 0 || interval.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("interval must be from 1s to 1h");
        }
    }

    public Duration offlineAfter() {
        return interval.multipliedBy(MISSED_BEFORE_OFFLINE);
    }
}

package io.lyftdata.metrics;

import java.time.Duration;

/**
 * The section {@code metrics}.
 *
 * @param interval how often workers are expected to send; what is older than three of these is stale
 */
public record MetricsConfig(Duration interval) {
    public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(60);

    private static final Duration MIN_INTERVAL = Duration.ofSeconds(1);
    private static final Duration MAX_INTERVAL = Duration.ofDays(1);

    public MetricsConfig {
        interval = interval == null ? DEFAULT_INTERVAL : interval;
        if (interval.compareTo(MIN_INTERVAL) < 0 || interval.compareTo(MAX_INTERVAL) > 0) {
            throw new IllegalArgumentException("metrics.interval: write a duration from 1s to 1d");
        }
    }

    /** The age beyond which a snapshot leaves the exposition. */
    Duration freshness() {
        return interval.multipliedBy(3);
    }
}

package io.lyftdata.account;

import java.time.Duration;

/**
 * How long a log-in lasts.
 *
 * @param idle without a call; 30 minutes when not set
 * @param absolute whatever happens; 12 hours when not set
 */
public record SessionConfig(Duration idle, Duration absolute) {
    private static final Duration LEAST_IDLE = Duration.ofMinutes(2);
    private static final Duration LONGEST = Duration.ofDays(30);

    public SessionConfig {
        idle = idle == null ? Duration.ofMinutes(30) : idle;
        absolute = absolute == null ? Duration.ofHours(12) : absolute;
        if (idle.compareTo(LEAST_IDLE) < 0 || idle.compareTo(absolute) > 0 || absolute.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "a session's idle time is from 2m to its absolute time, and that is at most 30d");
        }
    }
}

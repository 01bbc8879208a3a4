package io.lyftdata.logs;

/**
 * How long logs are kept.
 *
 * @param retentionDays whole days after the day of arrival
 * @param diskUsageMaxPercentage above it the oldest days go first, and then nothing more is taken
 */
public record LogConfig(int retentionDays, int diskUsageMaxPercentage) {
    public static final int DEFAULT_RETENTION_DAYS = 30;
    public static final int DEFAULT_DISK_USAGE_MAX_PERCENTAGE = 80;

    public LogConfig {
        if (retentionDays < 1 || retentionDays > 3650) {
            throw new IllegalArgumentException("log-retention-days: write a whole number from 1 to 3650");
        }
        if (diskUsageMaxPercentage < 1 || diskUsageMaxPercentage > 99) {
            throw new IllegalArgumentException("disk-usage-max-percentage: write a whole number from 1 to 99");
        }
    }
}

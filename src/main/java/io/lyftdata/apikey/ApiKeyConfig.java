package io.lyftdata.apikey;

import java.time.Duration;

/**
 * The section {@code api-key} of the configuration.
 *
 * @param bootstrapExpiry how long a bootstrap key waits for its worker
 */
public record ApiKeyConfig(Duration bootstrapExpiry) {
    public ApiKeyConfig {
        bootstrapExpiry = bootstrapExpiry == null ? Duration.ofDays(7) : bootstrapExpiry;
        if (bootstrapExpiry.isZero() || bootstrapExpiry.compareTo(Duration.ofDays(366)) > 0) {
            throw new IllegalArgumentException("bootstrap-expiry must be more than 0s and at most 366d");
        }
    }
}

package io.lyftdata.api.certificate;

import java.time.Instant;

/**
 * {@code POST /api/certificate/rotate}, and the tasks that swap.
 *
 * @param changed whether another certificate is served than before
 * @param fingerprint of the one that is served now
 * @param notAfter when it ends
 */
public record Swap(boolean changed, String fingerprint, Instant notAfter) {
    public static final String PATH = "/api/certificate/rotate";
}

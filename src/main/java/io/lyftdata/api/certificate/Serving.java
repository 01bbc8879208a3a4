package io.lyftdata.api.certificate;

import java.time.Instant;
import java.util.List;

/**
 * {@code GET /api/certificate}: what is served.
 *
 * @param source {@code own} or {@code given}
 * @param names that it covers
 * @param notAfter when the first of its chain ends
 * @param daysLeft whole days until then
 * @param fingerprint {@code sha256:<hex>} of the certificate
 * @param trouble why its replacement is not served; null: nothing is wrong
 */
public record Serving(
        String source,
        List<String> names,
        Instant notBefore,
        Instant notAfter,
        long daysLeft,
        String fingerprint,
        String trouble) {
    public static final String PATH = "/api/certificate";
}

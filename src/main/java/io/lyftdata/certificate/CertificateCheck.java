package io.lyftdata.certificate;

import com.codahale.metrics.health.HealthCheck;
import java.util.Optional;

/** Unhealthy while a replacement is not served, or at most 21 days are left. */
public final class CertificateCheck extends HealthCheck {
    static final int SOON_DAYS = 21;

    private final ServerCertificate certificate;

    public CertificateCheck(ServerCertificate certificate) {
        this.certificate = certificate;
    }

    @Override
    protected Result check() {
        Optional<String> trouble = certificate.trouble();
        if (trouble.isPresent()) {
            return Result.unhealthy("a new certificate is not served, the present one goes on: " + trouble.get());
        }
        long left = certificate.daysLeft();
        return left <= SOON_DAYS
                ? Result.unhealthy("the certificate ends in " + left + " days: put a renewed one in place")
                : Result.healthy();
    }
}

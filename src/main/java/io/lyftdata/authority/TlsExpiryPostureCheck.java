package io.lyftdata.authority;

import io.lyftdata.api.Times;
import io.lyftdata.api.posture.Severity;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** How long the certificates in use are still valid. */
public final class TlsExpiryPostureCheck implements PostureCheck {
    private static final Duration SHORTEST = Duration.ofDays(21);

    private static final Rule RULE = new Rule(
            "tls-expiry",
            Severity.HIGH,
            "The certificates that the server serves, its authority's included: one that ends within "
                    + SHORTEST.toDays() + " days is a finding, and so is a replacement that cannot be served.",
            "“Rotate worker API keys, auto-enrollment secrets, and TLS certificates.” NIST SP 800-52r2, 3.2: a server's"
                    + " certificate is replaced before it ends.",
            "`lyftdata certificate rotate` issues another of the server's own, or reads the files of `tls-cert`"
                    + " and `tls-key` anew once they are replaced; `lyftdata certificate rotate-ca` replaces the"
                    + " server's own authority.");

    private final boolean isGiven;
    private final Supplier<List<X509Certificate>> chain;
    private final Supplier<Optional<String>> trouble;
    private final Clock clock;

    /**
     * @param isGiven whether {@code tls-cert} names it, and it is not the server's own
     * @param chain that is served now
     * @param trouble with a replacement that is not served
     */
    public TlsExpiryPostureCheck(
            boolean isGiven, Supplier<List<X509Certificate>> chain, Supplier<Optional<String>> trouble, Clock clock) {
        this.isGiven = isGiven;
        this.chain = chain;
        this.trouble = trouble;
        this.clock = clock;
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() {
        Instant now = clock.instant();
        List<Finding> findings = new ArrayList<>(chain.get().stream()
                .filter(certificate -> certificate.getNotAfter().toInstant().isBefore(now.plus(SHORTEST)))
                .map(certificate -> new Finding(
                        certificate.getSubjectX500Principal().getName(),
                        "the certificate "
                                + (certificate.getNotAfter().toInstant().isBefore(now) ? "has ended at " : "ends at ")
                                + Times.format(certificate.getNotAfter().toInstant()),
                        remedy(certificate)))
                .toList());
        trouble.get()
                .ifPresent(sentence -> findings.add(new Finding(
                        "replacement",
                        "the next certificate cannot be served: " + sentence,
                        "lyftdata certificate rotate, once that is mended")));
        return findings;
    }

    private String remedy(X509Certificate certificate) {
        if (isGiven) {
            return "put another into the files of tls-cert and tls-key, then: lyftdata certificate rotate";
        }
        return certificate.getBasicConstraints() < 0
                ? "lyftdata certificate rotate"
                : "lyftdata certificate rotate-ca prepare, then activate and retire as it says";
    }
}

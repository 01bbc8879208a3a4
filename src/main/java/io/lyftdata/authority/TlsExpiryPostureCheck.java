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
                    + " server's own authority, by the step that the finding names, one after the other.");

    private final Supplier<Optional<String>> step;
    private final Supplier<List<X509Certificate>> chain;
    private final Supplier<Optional<String>> trouble;
    private final Clock clock;

    /**
     * @param step of its authority's replacement that comes next; empty when {@code tls-cert} names the certificate
     * @param chain that is served now
     * @param trouble with a replacement that is not served
     */
    public TlsExpiryPostureCheck(
            Supplier<Optional<String>> step,
            Supplier<List<X509Certificate>> chain,
            Supplier<Optional<String>> trouble,
            Clock clock) {
        this.step = step;
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
        List<X509Certificate> ending = chain.get().stream()
                .filter(certificate -> certificate.getNotAfter().toInstant().isBefore(now.plus(SHORTEST)))
                .toList();
        String remedy = remedy(ending);
        List<Finding> findings = new ArrayList<>(ending.stream()
                .map(certificate -> new Finding(
                        certificate.getSubjectX500Principal().getName(),
                        "the certificate "
                                + (certificate.getNotAfter().toInstant().isBefore(now) ? "has ended at " : "ends at ")
                                + Times.format(certificate.getNotAfter().toInstant()),
                        remedy))
                .toList());
        trouble.get()
                .ifPresent(sentence -> findings.add(new Finding(
                        "replacement",
                        "the next certificate cannot be served: " + sentence,
                        "lyftdata certificate rotate, once that is mended")));
        return findings;
    }

    /** No leaf outlives its authority: where that ends, another leaf mends nothing. */
    private String remedy(List<X509Certificate> ending) {
        boolean isAuthority = ending.stream().anyMatch(certificate -> certificate.getBasicConstraints() >= 0);
        return step.get()
                .map(next -> isAuthority ? "lyftdata certificate rotate-ca " + next : "lyftdata certificate rotate")
                .orElse("put another into the files of tls-cert and tls-key, then: lyftdata certificate rotate");
    }
}

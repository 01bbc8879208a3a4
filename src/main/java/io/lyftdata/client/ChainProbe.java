package io.lyftdata.client;

import io.lyftdata.api.Times;
import io.lyftdata.client.Probe.Finding;
import io.lyftdata.crypto.CertificateChain;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.crypto.CoveredNames;
import io.lyftdata.crypto.KeyStrength;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What can be said of a chain by itself. */
record ChainProbe(Endpoint endpoint, List<X509Certificate> chain, Instant now) {

    List<Finding> findings() {
        return List.of(whole(), name(), expiry(), strength(), pin());
    }

    private X509Certificate last() {
        return chain.get(chain.size() - 1);
    }

    private Finding whole() {
        for (int i = 1; i < chain.size(); i++) {
            if (!CertificateChain.signed(chain.get(i), chain.get(i - 1))) {
                return new Finding(
                        "chain",
                        false,
                        "certificate " + (i + 1) + " does not vouch for the one before it: serve them"
                                + " in their order");
            }
        }
        return CertificateChain.isWhole(chain) || isSignedByFile()
                ? new Finding("chain", true, chain.size() + " certificates, up to a root")
                : new Finding("chain", false, "it ends before its root: an intermediate certificate is missing");
    }

    private boolean isSignedByFile() {
        return endpoint.trust().caFile().map(Tls::read).orElse(List.of()).stream()
                .anyMatch(authority -> CertificateChain.signed(authority, last()));
    }

    private Finding name() {
        String host = endpoint.url().getHost().replaceAll("[\\[\\]]", "");
        CoveredNames names = CoveredNames.of(chain.get(0));
        String all = String.join(", ", names.all());
        return names.cover(host)
                ? new Finding("name", true, "it is for " + all)
                : new Finding("name", false, "it is not for " + host + " but for " + (all.isEmpty() ? "no host" : all));
    }

    private Finding expiry() {
        for (X509Certificate certificate : chain) {
            Instant begin = certificate.getNotBefore().toInstant();
            Instant end = certificate.getNotAfter().toInstant();
            if (now.isBefore(begin) || now.isAfter(end)) {
                return new Finding(
                        "expiry",
                        false,
                        "valid from " + Times.format(begin) + " until " + Times.format(end) + ", and it is "
                                + Times.format(now) + ": renew it, or set the clock right");
            }
        }
        Instant end = chain.stream()
                .map(certificate -> certificate.getNotAfter().toInstant())
                .min(Instant::compareTo)
                .orElseThrow();
        return new Finding(
                "expiry", true, Duration.between(now, end).toDays() + " days are left, until " + Times.format(end));
    }

    private Finding strength() {
        for (X509Certificate certificate : chain) {
            Optional<String> weakness = KeyStrength.weakness(certificate);
            if (weakness.isPresent()) {
                return new Finding(
                        "strength",
                        false,
                        "the certificate of " + certificate.getSubjectX500Principal() + " " + weakness.get());
            }
        }
        return new Finding(
                "strength",
                true,
                chain.get(0).getPublicKey().getAlgorithm() + " key, "
                        + chain.get(0).getSigAlgName());
    }

    private Finding pin() {
        List<String> pins = endpoint.trust().pins();
        Optional<String> matched = chain.stream()
                .skip(1)
                .filter(certificate -> certificate.getBasicConstraints() >= 0)
                .map(CertifiedKey::pin)
                .filter(pins::contains)
                .findFirst();
        if (pins.isEmpty()) {
            return new Finding("pin", true, "none is given; the chain's last has " + CertifiedKey.pin(last()));
        }
        return matched.map(pin -> new Finding("pin", true, pin))
                .orElseGet(() -> new Finding(
                        "pin", false, "no authority in the chain has it; the last has " + CertifiedKey.pin(last())));
    }
}

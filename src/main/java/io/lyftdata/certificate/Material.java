package io.lyftdata.certificate;

import io.lyftdata.crypto.CertificateChain;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.crypto.CoveredNames;
import io.lyftdata.crypto.Digests;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a TLS server shows and proves.
 *
 * @param key of the chain's first certificate
 * @param chain the leaf, then those that vouch for it, each for the one before
 */
public record Material(PrivateKey key, List<X509Certificate> chain) {
    static final String PASSWORD = "memory";

    public Material {
        chain = List.copyOf(chain);
    }

    public X509Certificate leaf() {
        return chain.get(0);
    }

    /** The authorities among them, by which clients may know the server. */
    public List<X509Certificate> authorities() {
        return chain.stream()
                .filter(certificate -> certificate.getBasicConstraints() >= 0)
                .toList();
    }

    /** What clients may pin: the root's key, when the chain ends with it. */
    public Optional<String> pin() {
        X509Certificate last = chain.get(chain.size() - 1);
        return last.getBasicConstraints() >= 0 && CertificateChain.signed(last, last)
                ? Optional.of(CertifiedKey.pin(last))
                : Optional.empty();
    }

    /** Whether clients may call the server by that name or address. */
    public boolean covers(String name) {
        return CoveredNames.of(leaf()).cover(name);
    }

    boolean isEdwards() {
        return key.getAlgorithm().startsWith("Ed");
    }

    /** {@code sha256:<hex>} of the leaf. */
    public String fingerprint() {
        try {
            return "sha256:" + Digests.sha256Hex(leaf().getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate in use has no encoding", e);
        }
    }

    Instant begin() {
        return leaf().getNotBefore().toInstant();
    }

    /** The end of whichever of them ends first: from then on clients refuse the path. */
    public Instant end() {
        return chain.stream()
                .map(certificate -> certificate.getNotAfter().toInstant())
                .min(Instant::compareTo)
                .orElseThrow();
    }

    /** Whole days until then; negative behind it. */
    long daysLeft(Instant now) {
        return Math.floorDiv(
                Duration.between(now, end()).toSeconds(), Duration.ofDays(1).toSeconds());
    }

    /** As the TLS engine wants it; nothing of it is written to disk. */
    KeyStore keyStore() {
        return CertificateChain.keyStore(key, chain, PASSWORD.toCharArray());
    }

    /** Says which, and never the key. */
    @Override
    public String toString() {
        return "Material[" + fingerprint() + "]";
    }
}

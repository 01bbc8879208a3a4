package io.lyftdata.certificate;

import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
import io.lyftdata.authority.Authority;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.SecretFile;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's own certificate: 90 days, signed by the private CA, kept over restarts and renewed when a third of its
 * life is left or the names it must cover have changed.
 */
public final class ServerCertificate {
    private static final Logger LOG = LoggerFactory.getLogger(ServerCertificate.class);
    private static final Duration LIFE = Duration.ofDays(90);
    private static final char[] IN_MEMORY_PASSWORD = "memory".toCharArray();

    private final Authority authority;
    private final CertifiedKey leaf;

    private ServerCertificate(Authority authority, CertifiedKey leaf) {
        this.authority = authority;
        this.leaf = leaf;
    }

    /** Reads the certificate from the directory, or has a new one issued; it covers all the names in any case. */
    public static ServerCertificate open(Path directory, List<String> names, Authority authority, Clock clock)
            throws IOException {
        Path keyFile = directory.resolve("server.key");
        Path certificateFile = directory.resolve("server.crt");
        Optional<CertifiedKey> kept = read(keyFile, certificateFile);
        if (kept.isPresent() && isUsable(kept.get(), names, authority, clock.instant())) {
            return new ServerCertificate(authority, kept.get());
        }
        CertifiedKey made = authority.issue(names, LIFE);
        SecretFile.write(keyFile, made.keyPem());
        SecretFile.write(certificateFile, made.certificatePem());
        LOG.info(
                "issued a server certificate for {}, valid until {}",
                names,
                made.certificate().getNotAfter().toInstant());
        return new ServerCertificate(authority, made);
    }

    private static Optional<CertifiedKey> read(Path keyFile, Path certificateFile) throws IOException {
        Optional<String> key = SecretFile.read(keyFile);
        Optional<String> certificate = SecretFile.read(certificateFile);
        if (key.isEmpty() || certificate.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(CertifiedKey.parse(key.get(), certificate.get()));
        } catch (IllegalArgumentException e) {
            LOG.warn("{} is damaged: a new certificate takes its place", certificateFile);
            return Optional.empty();
        }
    }

    private static boolean isUsable(CertifiedKey leaf, List<String> names, Authority authority, Instant now) {
        Instant begin = leaf.certificate().getNotBefore().toInstant();
        Instant end = leaf.certificate().getNotAfter().toInstant();
        Instant renewal = end.minus(Duration.between(begin, end).dividedBy(3));
        return !now.isBefore(begin)
                && now.isBefore(renewal)
                && covered(leaf.certificate())
                        .containsAll(
                                names.stream().map(ServerCertificate::canonical).toList())
                && authority.signed(leaf);
    }

    private static Set<String> covered(X509Certificate certificate) {
        try {
            var alternatives = certificate.getSubjectAlternativeNames();
            return alternatives == null
                    ? Set.of()
                    : alternatives.stream()
                            .map(alternative -> canonical(String.valueOf(alternative.get(1))))
                            .collect(Collectors.toSet());
        } catch (CertificateParsingException e) {
            return Set.of();
        }
    }

    /** Addresses have many spellings; names have one. */
    private static String canonical(String name) {
        IPAddress address = new IPAddressString(name).getAddress();
        return address == null ? name : address.toCanonicalString();
    }

    /** Leaf, CA and key as the TLS engine wants them; nothing of it is written to disk. */
    public KeyStore keyStore() {
        try {
            // Never written: PKCS #12 would only spend its 10,000 rounds of key derivation on a start.
            KeyStore store = KeyStore.getInstance("JKS");
            store.load(null, IN_MEMORY_PASSWORD);
            Certificate[] chain = {leaf.certificate(), authority.key().certificate()};
            store.setKeyEntry("server", leaf.key(), IN_MEMORY_PASSWORD, chain);
            return store;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("a key store in memory failed", e);
        }
    }

    static String keyStorePassword() {
        return new String(IN_MEMORY_PASSWORD);
    }

    /** {@code sha256:<hex>} of the certificate. */
    public String fingerprint() {
        try {
            return "sha256:" + Digests.sha256Hex(leaf.certificate().getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate in use has no encoding", e);
        }
    }

    public X509Certificate certificate() {
        return leaf.certificate();
    }
}

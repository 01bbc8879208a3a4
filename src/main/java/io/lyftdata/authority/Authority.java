package io.lyftdata.authority;

import io.lyftdata.config.BadSetting;
import io.lyftdata.crypto.CertificateChain;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.Issuer;
import io.lyftdata.crypto.SecretFile;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The private CA under {@code tls/}: made on the first start (P-256, ten years) and kept. */
public final class Authority {
    private static final Logger LOG = LoggerFactory.getLogger(Authority.class);
    private static final Duration LIFE = Duration.ofDays(3650);

    private final CertifiedKey key;
    private final Clock clock;

    private Authority(CertifiedKey key, Clock clock) {
        this.key = key;
        this.clock = clock;
    }

    /**
     * Reads the authority from the directory, or makes one when it holds none.
     *
     * @throws BadSetting when only half of it is there, or it is damaged or expired
     */
    public static Authority open(Path directory, String installation, Clock clock) throws IOException {
        Path keyFile = directory.resolve("ca.key");
        Path certificateFile = directory.resolve("ca.crt");
        Optional<String> keyPem = SecretFile.read(keyFile);
        Optional<String> certificatePem = SecretFile.read(certificateFile);
        if (keyPem.isPresent() && certificatePem.isPresent()) {
            return new Authority(parse(directory, keyPem.get(), certificatePem.get()), clock);
        }
        if (certificatePem.isPresent()) {
            throw new BadSetting(keyFile + " is missing; put it back, or remove " + certificateFile
                    + " to have a new authority, whose pin every worker then needs");
        }
        CertifiedKey made = Issuer.authority("LyftData CA " + installation.substring(0, 8), clock.instant(), LIFE);
        SecretFile.write(keyFile, made.keyPem());
        SecretFile.write(certificateFile, made.certificatePem());
        LOG.info("made a private certification authority, pin {}", CertifiedKey.pin(made.certificate()));
        return new Authority(made, clock);
    }

    private static CertifiedKey parse(Path directory, String keyPem, String certificatePem) {
        try {
            return CertifiedKey.parse(keyPem, certificatePem);
        } catch (IllegalArgumentException e) {
            throw new BadSetting(directory.resolve("ca.key") + " or ca.crt is damaged; restore both from a backup");
        }
    }

    /** A new server certificate for these DNS names and addresses. */
    public CertifiedKey issue(List<String> names, Duration life) {
        return Issuer.server(key, names, clock.instant(), life);
    }

    /** Whether this authority signed the chain's leaf and stands behind it. */
    public boolean vouches(List<X509Certificate> chain) {
        return chain.size() > 1
                && chain.get(1).equals(key.certificate())
                && CertificateChain.signed(key.certificate(), chain.get(0));
    }

    public CertifiedKey key() {
        return key;
    }

    /** What clients pin: {@code sha256:<hex>} of the CA's public key. */
    public String pin() {
        return CertifiedKey.pin(key.certificate());
    }

    /** The CA certificates that clients may trust, PEM. */
    public String bundle() {
        return key.certificatePem();
    }

    /** Changes when {@link #bundle()} does. */
    public String revision() {
        return Digests.sha256Hex(bundle()).substring(0, 16);
    }
}

package io.lyftdata.authority;

import io.lyftdata.config.BadSetting;
import io.lyftdata.crypto.CertificateChain;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.crypto.KeyStrength;
import io.lyftdata.crypto.PrivateKeys;
import io.lyftdata.crypto.SecretFile;
import java.io.IOException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * {@code ca.crt}, which says in its first line how far a replacement has come and holds the trusted certificates, the one
 * that signs first; {@code ca.key}, and beside it {@code ca.key.other} while there are two. To write {@code ca.crt} is to
 * change the phase: keys are there before it, and are known by what they belong to.
 */
final class AuthorityFiles {
    private static final String PHASE = "# phase: ";

    private final Path certificates;
    private final Path key;
    private final Path otherKey;

    AuthorityFiles(Path directory) {
        this.certificates = directory.resolve("ca.crt");
        this.key = directory.resolve("ca.key");
        this.otherKey = directory.resolve("ca.key.other");
    }

    /** Empty when there are no certificates. */
    Optional<Ring> read() throws IOException {
        Optional<String> pem = SecretFile.read(certificates);
        if (pem.isEmpty()) {
            return Optional.empty();
        }
        List<String> keys = new ArrayList<>();
        SecretFile.read(key).ifPresent(keys::add);
        SecretFile.read(otherKey).ifPresent(keys::add);
        if (keys.isEmpty()) {
            throw new BadSetting(key + " is missing; put it back, or remove " + certificates
                    + " to have a new authority, whose pin every worker then needs");
        }
        try {
            return Optional.of(ring(pem.get(), keys));
        } catch (IllegalArgumentException e) {
            throw new BadSetting(key + " or ca.crt is damaged; restore both from a backup");
        }
    }

    private static Ring ring(String pem, List<String> keyTexts) {
        List<PrivateKey> keys = keyTexts.stream()
                .map(text -> PrivateKeys.parse(text, Optional.empty()))
                .toList();
        List<CertifiedKey> authorities = CertificateChain.parse(pem).stream()
                .map(certificate -> withKey(certificate, keys))
                .toList();
        Ring.Phase phase = Arrays.stream(Ring.Phase.values())
                .filter(each -> pem.startsWith(line(each)))
                .findFirst()
                .orElse(Ring.Phase.SETTLED);
        return new Ring(phase, authorities.get(0), authorities.stream().skip(1).findFirst());
    }

    private static CertifiedKey withKey(X509Certificate certificate, List<PrivateKey> keys) {
        return keys.stream()
                .filter(secret -> KeyStrength.belong(secret, certificate.getPublicKey()))
                .findFirst()
                .map(secret -> new CertifiedKey(secret, certificate))
                .orElseThrow(() -> new IllegalArgumentException("no key for " + certificate));
    }

    private static String line(Ring.Phase phase) {
        return PHASE + phase.name().toLowerCase(Locale.ROOT) + "\n";
    }

    /** For the first time. */
    void begin(Ring ring) throws IOException {
        SecretFile.write(key, ring.active().keyPem());
        SecretFile.write(certificates, text(ring));
    }

    /** At every point a crash leaves the ring before or this one. */
    void replace(Ring ring) throws IOException {
        if (ring.phase() == Ring.Phase.PREPARED) {
            writeIfOther(otherKey, ring.other().orElseThrow().keyPem());
        }
        writeIfOther(certificates, text(ring));
        if (ring.phase() == Ring.Phase.SETTLED) {
            writeIfOther(key, ring.active().keyPem());
            SecretFile.delete(otherKey);
        }
    }

    private static void writeIfOther(Path file, String content) throws IOException {
        if (SecretFile.read(file).filter(content::equals).isEmpty()) {
            SecretFile.write(file, content);
        }
    }

    private static String text(Ring ring) {
        List<X509Certificate> all = new ArrayList<>(List.of(ring.active().certificate()));
        ring.other().ifPresent(other -> all.add(other.certificate()));
        return line(ring.phase()) + CertificateChain.pem(all);
    }
}

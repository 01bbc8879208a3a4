package io.lyftdata.certificate;

import io.lyftdata.authority.Authority;
import io.lyftdata.crypto.CertificateChain;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.crypto.CoveredNames;
import io.lyftdata.crypto.PrivateKeys;
import io.lyftdata.crypto.SecretFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Material of the server's own making: 90 days, signed by the private CA, kept over restarts and due for renewal when a
 * third of its life is left, or the names it must cover or the authority have changed.
 */
public final class OwnMaterial implements Source {
    private static final Logger LOG = LoggerFactory.getLogger(OwnMaterial.class);
    private static final Duration LIFE = Duration.ofDays(90);

    private final Path directory;
    private final List<String> names;
    private final Authority authority;
    private final Clock clock;

    public OwnMaterial(Path directory, List<String> names, Authority authority, Clock clock) {
        this.directory = directory;
        this.names = List.copyOf(names);
        this.authority = authority;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "own";
    }

    @Override
    public Material open() {
        return kept().filter(this::isUsable).orElseGet(() -> {
            Material made = issue();
            place(made);
            LOG.info("issued a server certificate for {}, valid until {}", names, made.end());
            return made;
        });
    }

    @Override
    public Optional<Material> due(Material serving) {
        return isUsable(serving) ? Optional.empty() : Optional.of(issue());
    }

    @Override
    public Material next(Material serving) {
        return issue();
    }

    private Material issue() {
        Authority.Issued issued = authority.issue(names, LIFE);
        CertifiedKey leaf = issued.leaf();
        List<X509Certificate> chain = new ArrayList<>(List.of(leaf.certificate()));
        chain.addAll(issued.chain());
        return new Material(leaf.key(), chain);
    }

    /** The pair before it is kept beside, as {@code server.key.old} and {@code server.crt.old}. */
    @Override
    public void place(Material next) {
        try {
            keepOld("server.key");
            keepOld("server.crt");
            // A crash between the two leaves a pair that does not fit, which the next start replaces.
            SecretFile.write(directory.resolve("server.key"), new CertifiedKey(next.key(), next.leaf()).keyPem());
            SecretFile.write(directory.resolve("server.crt"), CertificateChain.pem(next.chain()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By a link, which needs no writing: on a slow disk that takes longer than all the rest of a swap. */
    private void keepOld(String name) throws IOException {
        Path old = directory.resolve(name + ".old");
        if (Files.exists(directory.resolve(name))) {
            Files.deleteIfExists(old);
            Files.createLink(old, directory.resolve(name));
        }
    }

    private Optional<Material> kept() {
        try {
            Optional<String> key = SecretFile.read(directory.resolve("server.key"));
            Optional<String> certificates = SecretFile.read(directory.resolve("server.crt"));
            return key.isEmpty() || certificates.isEmpty() ? Optional.empty() : parse(key.get(), certificates.get());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Optional<Material> parse(String keyPem, String certificatesPem) {
        try {
            PrivateKey key = PrivateKeys.parse(keyPem, Optional.empty());
            List<X509Certificate> path = CertificateChain.of(key, CertificateChain.parse(certificatesPem));
            if (!path.isEmpty()) {
                return Optional.of(new Material(key, path));
            }
        } catch (IllegalArgumentException e) {
            // The same as a pair that does not fit.
        }
        LOG.warn("{} or server.key is damaged: a new certificate takes its place", directory.resolve("server.crt"));
        return Optional.empty();
    }

    private boolean isUsable(Material material) {
        Instant now = clock.instant();
        Instant renewal = material.end()
                .minus(Duration.between(material.begin(), material.end()).dividedBy(3));
        CoveredNames covered = CoveredNames.of(material.leaf());
        return !now.isBefore(material.begin())
                && now.isBefore(renewal)
                && names.stream().allMatch(covered::cover)
                && authority.vouches(material.chain());
    }
}

package io.lyftdata.certificate;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.PrivateFiles;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.CertificateChain;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.Pem;
import io.lyftdata.crypto.PrivateKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The material in the files of {@code tls-cert} and {@code tls-key}; served only when nothing is wrong with it. */
public final class GivenMaterial implements Source {
    private static final long MOST_BYTES = 1024 * 1024;

    private final Place place;
    private final Demands demands;
    private final Map<String, String> environment;
    private final Clock clock;
    private volatile Optional<Read> lastGood = Optional.empty();

    /** What was read, by the hashes of the two files. */
    private record Read(String certificates, String key, Material material) {}

    /**
     * Where it is.
     *
     * @param passphrase opens the key when it is encrypted; null: none
     */
    public record Place(Path certificate, Path key, Secret passphrase) {}

    /** @param environment that names the directory of systemd's credentials */
    public GivenMaterial(Place place, Demands demands, Map<String, String> environment, Clock clock) {
        this.place = place;
        this.demands = demands;
        this.environment = environment;
        this.clock = clock;
    }

    /** What an operator should know of it, each a sentence; the same as for {@link #open()} when it cannot be served. */
    public List<String> notes() {
        return read().notes();
    }

    private Demands.Verdict read() {
        return judge(text("tls-cert", place.certificate()), text("tls-key", place.key()));
    }

    private Demands.Verdict judge(String certificates, String keys) {
        if (Pem.holdsPrivateKey(certificates)) {
            PrivateFiles.requirePrivate(place.certificate(), environment, "it holds a private key besides tls-cert");
        }
        PrivateFiles.requirePrivate(place.key(), environment, "tls-key names it");
        List<X509Certificate> given =
                named("tls-cert", place.certificate(), () -> CertificateChain.parse(certificates));
        Optional<String> passphrase = Optional.ofNullable(place.passphrase()).map(Secret::reveal);
        PrivateKey key = named("tls-key", place.key(), () -> PrivateKeys.parse(keys, passphrase));
        return named("tls-cert", place.certificate(), () -> demands.judge(key, given, clock.instant()));
    }

    private static String text(String setting, Path file) {
        if (!Files.isRegularFile(file)) {
            throw new BadSetting(setting + ": " + file + " does not exist, is no regular file, or lies where this user"
                    + " may not look");
        }
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new BadSetting(setting + ": " + file + " is longer than any PEM file for one server: 1 MiB");
            }
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new BadSetting(setting + ": " + file + " cannot be read; check its owner and mode");
        }
    }

    private static <T> T named(String setting, Path file, Supplier<T> reading) {
        try {
            return reading.get();
        } catch (IllegalArgumentException e) {
            throw new BadSetting(setting + ": " + file + ": " + e.getMessage());
        }
    }

    @Override
    public String name() {
        return "given";
    }

    @Override
    public Material open() {
        String certificates = text("tls-cert", place.certificate());
        String keys = text("tls-key", place.key());
        Material found = judge(certificates, keys).material();
        lastGood = Optional.of(new Read(Digests.sha256Hex(certificates), Digests.sha256Hex(keys), found));
        return found;
    }

    /** Files that hold what they held are not judged again: it is asked every few seconds. */
    @Override
    public Optional<Material> due(Material serving) {
        String certificates = Digests.sha256Hex(text("tls-cert", place.certificate()));
        String keys = Digests.sha256Hex(text("tls-key", place.key()));
        if (lastGood.filter(new Read(certificates, keys, serving)::equals).isPresent()) {
            return Optional.empty();
        }
        return Optional.of(open()).filter(found -> !found.equals(serving));
    }

    @Override
    public Material next(Material serving) {
        return due(serving)
                .orElseThrow(() -> new Refusal(
                        Code.CONFLICT,
                        "the files of tls-cert and tls-key hold what is served already: put the new ones there first,"
                                + " and the server takes them by itself"));
    }

    @Override
    public void place(Material next) {
        // They are the operator's, and lie where the next start looks.
    }
}

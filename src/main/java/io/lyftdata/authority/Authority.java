package io.lyftdata.authority;

import io.lyftdata.config.BadSetting;
import io.lyftdata.crypto.CertificateChain;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.Issuer;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The private CA under {@code tls/}: made on the first start (P-256, ten years), kept, and replaced in phases. Safe for
 * use by many threads.
 */
public final class Authority {
    /** By what name the audit log knows the one that signs. */
    public static final String NOTICED = "authority";

    private static final Logger LOG = LoggerFactory.getLogger(Authority.class);
    private static final Duration LIFE = Duration.ofDays(3650);

    private final AuthorityFiles files;
    private final Clock clock;
    private volatile Ring ring;
    /** Of the ring: each heartbeat is answered with it. */
    private volatile String revision;

    private Authority(AuthorityFiles files, Ring ring, Clock clock) {
        this.files = files;
        this.ring = ring;
        this.revision = revisionOf(ring);
        this.clock = clock;
    }

    /**
     * Reads the authority from the directory, or makes one when it holds none.
     *
     * @param isRetired whether the authority with that pin must never be trusted again
     * @throws BadSetting when only half of it is there, or it is damaged or retired
     */
    public static Authority open(Path directory, String installation, Predicate<String> isRetired, Clock clock)
            throws IOException {
        AuthorityFiles files = new AuthorityFiles(directory);
        Ring kept = files.read().orElse(null);
        if (kept == null) {
            CertifiedKey made = Issuer.authority("LyftData CA " + installation.substring(0, 8), clock.instant(), LIFE);
            Ring first = Ring.of(made);
            files.begin(first);
            LOG.info("made a private certification authority, pin {}", pinOf(made));
            return new Authority(files, first, clock);
        }
        if (isRetired.test(pinOf(kept.active()))) {
            throw new BadSetting(directory + " holds the authority " + pinOf(kept.active()) + ", which was retired:"
                    + " put the newer ca.crt and ca.key back, or remove both to have a new authority, whose pin every"
                    + " worker then needs");
        }
        // What a crash left half done: the ledger knew of it before the files did.
        Ring ring = kept.other().map(Authority::pinOf).filter(isRetired).isPresent() ? kept.alone() : kept;
        files.replace(ring);
        return new Authority(files, ring, clock);
    }

    private static String pinOf(CertifiedKey authority) {
        return CertifiedKey.pin(authority.certificate());
    }

    /** A new server certificate for these DNS names and addresses, which does not outlive its authority. */
    public Issued issue(List<String> names, Duration life) {
        Ring now = ring;
        Instant begin = clock.instant();
        Duration left = Duration.between(begin, now.end());
        Duration shorter = left.compareTo(life) < 0 ? left : life;
        CertifiedKey leaf = Issuer.server(now.active(), names, begin, shorter);
        return new Issued(leaf, now.chain(begin));
    }

    /**
     * A server's certificate and its key.
     *
     * @param chain of those that vouch for it, each for the one before
     */
    public record Issued(CertifiedKey leaf, List<X509Certificate> chain) {}

    /** Whether the chain is what {@link #issue} would put behind the leaf now. */
    public boolean vouches(List<X509Certificate> chain) {
        return ring.vouches(chain);
    }

    Ring ring() {
        return ring;
    }

    /** A successor for the one that signs now; it is not trusted before {@link #replace}. */
    CertifiedKey successor() {
        return Issuer.authority(ring.nextName(), clock.instant(), LIFE);
    }

    /** On return the ring is on disk and counts. */
    synchronized void replace(Ring next) throws IOException {
        files.replace(next);
        ring = next;
        revision = revisionOf(next);
    }

    /** What clients pin: {@code sha256:<hex>} of the public key of the CA that signs. */
    public String pin() {
        return pinOf(ring.active());
    }

    /** The CA certificates that clients may trust, PEM, in an order that a change of the signing one leaves as it is. */
    public String bundle() {
        return bundleOf(ring);
    }

    private static String bundleOf(Ring ring) {
        List<X509Certificate> all = Stream.concat(Stream.of(ring.active()), ring.other().stream())
                .map(CertifiedKey::certificate)
                .sorted((some, other) -> CertifiedKey.pin(some).compareTo(CertifiedKey.pin(other)))
                .toList();
        return CertificateChain.pem(all);
    }

    /** Changes when {@link #bundle()} does. */
    public String revision() {
        return revision;
    }

    private static String revisionOf(Ring ring) {
        return Digests.sha256Hex(bundleOf(ring)).substring(0, 16);
    }
}

package io.lyftdata.authority;

import io.lyftdata.crypto.CertificateChain;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.crypto.Issuer;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The authorities that are trusted at one time.
 *
 * @param active signs the server's certificate
 * @param other in {@code PREPARED} its successor, in {@code ACTIVATED} its predecessor, else empty
 */
record Ring(Phase phase, CertifiedKey active, Optional<CertifiedKey> other) {
    private static final Pattern GENERATION = Pattern.compile("CN=(.*) G(\\d{1,9})");

    /** How far a replacement has come. */
    enum Phase {
        SETTLED,
        PREPARED,
        ACTIVATED
    }

    Ring {
        if (other.isPresent() == (phase == Phase.SETTLED)) {
            throw new IllegalArgumentException("one authority while settled, and two else");
        }
    }

    static Ring of(CertifiedKey only) {
        return new Ring(Phase.SETTLED, only, Optional.empty());
    }

    Ring alone() {
        return of(active);
    }

    Ring prepared(CertifiedKey successor) {
        return new Ring(Phase.PREPARED, active, Optional.of(successor));
    }

    Ring activated() {
        return new Ring(Phase.ACTIVATED, other.orElseThrow(), Optional.of(active));
    }

    /** The one that was there before. */
    CertifiedKey elder() {
        return phase == Phase.ACTIVATED ? other.orElseThrow() : active;
    }

    /** When the first of them ends. */
    Instant end() {
        Instant own = active.certificate().getNotAfter().toInstant();
        return other.map(authority -> authority.certificate().getNotAfter().toInstant())
                .filter(own::isAfter)
                .orElse(own);
    }

    /**
     * What stands behind a leaf that the active one signs. While its predecessor is trusted too, that one vouches for it,
     * so that whoever knows only one of them finds it in the chain.
     */
    List<X509Certificate> chain(Instant now) {
        if (phase != Phase.ACTIVATED) {
            return List.of(active.certificate());
        }
        CertifiedKey elder = elder();
        return List.of(Issuer.crossSigned(active.certificate(), elder, now), elder.certificate());
    }

    boolean vouches(List<X509Certificate> chain) {
        List<X509Certificate> behind = chain.subList(1, chain.size());
        boolean shape = phase == Phase.ACTIVATED
                ? behind.size() == 2
                        && behind.get(0)
                                .getPublicKey()
                                .equals(active.certificate().getPublicKey())
                        && behind.get(1).equals(elder().certificate())
                : behind.equals(List.of(active.certificate()));
        return shape && CertificateChain.signed(active.certificate(), chain.get(0));
    }

    /** Of a successor, so that the two can be told apart: {@code … G2}, {@code … G3}. */
    String nextName() {
        String name = active.certificate().getSubjectX500Principal().getName();
        Matcher matcher = GENERATION.matcher(name);
        return matcher.matches()
                ? matcher.group(1) + " G" + (Long.parseLong(matcher.group(2)) + 1)
                : name.replaceFirst("^CN=", "") + " G2";
    }
}

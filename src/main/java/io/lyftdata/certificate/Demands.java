package io.lyftdata.certificate;

import io.lyftdata.api.Times;
import io.lyftdata.crypto.CertificateChain;
import io.lyftdata.crypto.CoveredNames;
import io.lyftdata.crypto.KeyStrength;
import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/**
 * What given material must be before it is served.
 *
 * @param required names that it must hold: those of {@code tls-san}
 * @param usual the address that clients may use too; missing, it leaves a note
 */
public record Demands(List<String> required, Optional<String> usual) {
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String ANY = "2.5.29.37.0";

    /**
     * Material that can be served.
     *
     * @param notes what an operator should know of it, each a sentence
     */
    public record Verdict(Material material, List<String> notes) {}

    /** @throws IllegalArgumentException with a sentence about the certificates */
    Verdict judge(PrivateKey key, List<X509Certificate> given, Instant now) {
        List<X509Certificate> path = CertificateChain.of(key, given);
        refuseIf(
                path.isEmpty(),
                "no certificate in it belongs to the key in tls-key: give the key with which this certificate was"
                        + " asked for");
        path.forEach(certificate -> judge(certificate, now));
        X509Certificate leaf = path.get(0);
        judgeUse(leaf);
        judgeNames(leaf);
        if (!CertificateChain.isWhole(path)) {
            X509Certificate last = path.get(path.size() - 1);
            throw new IllegalArgumentException("its chain is incomplete: append the certificate of "
                    + nameOf(last.getIssuerX500Principal()) + ", which signed "
                    + nameOf(last.getSubjectX500Principal())
                    + " (certbot's file with all of them is fullchain.pem)");
        }
        return new Verdict(new Material(key, path), notes(given, path));
    }

    private static void judge(X509Certificate certificate, Instant now) {
        String name = "the certificate of " + nameOf(certificate.getSubjectX500Principal());
        Instant begin = certificate.getNotBefore().toInstant();
        Instant end = certificate.getNotAfter().toInstant();
        refuseIf(
                now.isBefore(begin),
                name + " is not valid before " + Times.format(begin)
                        + ": wait until then, or set this host's clock right");
        refuseIf(now.isAfter(end), name + " expired at " + Times.format(end) + ": renew it");
        KeyStrength.weakness(certificate).ifPresent(weakness -> {
            throw new IllegalArgumentException(name + " " + weakness);
        });
    }

    private static void judgeUse(X509Certificate leaf) {
        try {
            List<String> uses = leaf.getExtendedKeyUsage();
            refuseIf(
                    uses != null && !uses.contains(SERVER_AUTH) && !uses.contains(ANY),
                    "its extended key usage does not allow TLS servers: have one issued for serverAuth");
        } catch (CertificateParsingException e) {
            throw new IllegalArgumentException("its extended key usage cannot be read: have it issued anew", e);
        }
        boolean[] usage = leaf.getKeyUsage();
        refuseIf(usage != null && !usage[0], "its key usage lacks digitalSignature, which TLS 1.3 needs");
    }

    private void judgeNames(X509Certificate leaf) {
        CoveredNames names = CoveredNames.of(leaf);
        refuseIf(
                names.all().isEmpty(),
                "it names no host (subjectAltName), so no client takes it, whatever its common name says: have it"
                        + " issued with the names by which clients call this server");
        for (String name : required) {
            refuseIf(
                    !names.cover(name),
                    "it is not for " + name + ", which tls-san names, but for " + String.join(", ", names.all()));
        }
    }

    private List<String> notes(List<X509Certificate> given, List<X509Certificate> path) {
        List<String> notes = new ArrayList<>();
        CoveredNames names = CoveredNames.of(path.get(0));
        usual.filter(address -> !names.cover(address))
                .ifPresent(address -> notes.add("tls-cert is not for the bind-address " + address
                        + ": clients call the server by " + String.join(", ", names.all())));
        if (given.size() > path.size()) {
            notes.add("tls-cert holds certificates that do not vouch for the server's: they are not served");
        } else if (!given.equals(path)) {
            notes.add("tls-cert is not in the order from the server's certificate up: it is served in that order");
        }
        return notes;
    }

    /** Fit for a line. */
    private static String nameOf(X500Principal principal) {
        return principal.getName().replaceAll("\\p{Cntrl}", "?");
    }

    private static void refuseIf(boolean bad, String sentence) {
        if (bad) {
            throw new IllegalArgumentException(sentence);
        }
    }
}

package io.lyftdata.crypto;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Certificates from PEM, and the path that leads from a leaf towards its root (RFC 5280). */
public final class CertificateChain {
    private static final int MOST = 64;
    private static final int MOST_BYTES = 65_536;
    private static final byte INDEFINITE = (byte) 0x80;

    private CertificateChain() {}

    /**
     * All certificates in the text, in its order; other blocks are passed over.
     *
     * @throws IllegalArgumentException with a sentence about the text
     */
    public static List<X509Certificate> parse(String pem) {
        List<X509Certificate> found = Pem.blocks(pem).stream()
                .filter(block -> block.label().equals("CERTIFICATE"))
                .map(block -> certificate(block.content()))
                .toList();
        if (found.isEmpty()) {
            throw new IllegalArgumentException("it holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)");
        }
        if (found.size() > MOST) {
            throw new IllegalArgumentException("it holds more than " + MOST + " certificates: leave only the server's"
                    + " and those that vouch for it");
        }
        return found;
    }

    private static X509Certificate certificate(byte[] der) {
        if (der.length > MOST_BYTES || der.length < 2 || der[1] == INDEFINITE) {
            // The platform's parser follows indefinite lengths as deep as they go.
            throw new IllegalArgumentException("one of its certificates is damaged");
        }
        try {
            X509Certificate certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            certificate.getPublicKey();
            return certificate;
        } catch (CertificateException | RuntimeException e) {
            throw new IllegalArgumentException("one of its certificates is damaged", e);
        }
    }

    /**
     * The leaf of the key and those that vouch for it, each for the one before it, whatever their order was.
     *
     * @return empty when none of them is the key's
     */
    public static List<X509Certificate> of(PrivateKey key, List<X509Certificate> given) {
        Optional<X509Certificate> leaf = given.stream()
                .filter(certificate -> KeyStrength.belong(key, certificate.getPublicKey()))
                .findFirst();
        List<X509Certificate> path = new ArrayList<>();
        for (Optional<X509Certificate> next = leaf; next.isPresent(); ) {
            X509Certificate last = next.get();
            path.add(last);
            next = given.stream()
                    .filter(candidate -> !path.contains(candidate) && signed(candidate, last))
                    .findFirst();
        }
        return path;
    }

    /** Whether the issuer's key made the signature on the other, and their names agree. */
    public static boolean signed(X509Certificate issuer, X509Certificate other) {
        if (!issuer.getSubjectX500Principal().equals(other.getIssuerX500Principal())) {
            return false;
        }
        try {
            other.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException | RuntimeException e) {
            return false;
        }
    }

    /** Whether the path's last needs no other: it is a root, or one that every Java platform knows signed it. */
    public static boolean isWhole(List<X509Certificate> path) {
        X509Certificate last = path.get(path.size() - 1);
        return signed(last, last) || known().stream().anyMatch(root -> signed(root, last));
    }

    private static List<X509Certificate> known() {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init((KeyStore) null);
            return Arrays.stream(factory.getTrustManagers())
                    .map(X509TrustManager.class::cast)
                    .flatMap(manager -> Arrays.stream(manager.getAcceptedIssuers()))
                    .toList();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform has no trust store", e);
        }
    }

    /** As PEM, in this order. */
    public static String pem(List<X509Certificate> certificates) {
        StringBuilder pem = new StringBuilder();
        certificates.forEach(certificate -> pem.append(CertifiedKey.pem(certificate)));
        return pem.toString();
    }

    /** A key store in memory with that key and chain; nothing of it is written anywhere. */
    public static KeyStore keyStore(PrivateKey key, List<X509Certificate> chain, char[] password) {
        try {
            // Never written: PKCS #12 would only spend its 10,000 rounds of key derivation on a start.
            KeyStore store = KeyStore.getInstance("JKS");
            store.load(null, password);
            store.setKeyEntry("server", key, password, chain.toArray(X509Certificate[]::new));
            return store;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("a key store in memory failed", e);
        }
    }
}

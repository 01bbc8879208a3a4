package io.lyftdata.client;

import io.lyftdata.crypto.Digests;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts known authorities, and those in the presented chain whose public key is pinned.
 *
 * <p>A pinned authority counts only as the anchor of a path (RFC 5280, section 6) verified by signature down to the
 * leaf: to present its certificate is not enough. Name and validity are checked as for any server. Safe for use by many
 * threads.
 */
final class PinnedTrust extends X509ExtendedTrustManager {
    private static final String OUT_OF_DATE = "the server's certificate is out of date (or this host's clock is wrong):"
            + " check both clocks, then renew it with \"lyftdata certificate rotate\" on the server";
    private static final String OTHER_NAME = "the server's certificate is for another name: use a host name that it"
            + " holds, or add this one with --tls-san at the server";

    private final List<X509Certificate> authorities;
    private final Set<String> pins;
    private final String untrusted;

    /**
     * @param authorities trusted whether the server sends them or not
     * @param pins as in {@link Trust#pins()}
     * @param untrusted the sentence for a server for which none of them vouches
     */
    PinnedTrust(Collection<X509Certificate> authorities, Collection<String> pins, String untrusted) {
        this.authorities = List.copyOf(authorities);
        this.pins = Set.copyOf(pins);
        this.untrusted = untrusted;
    }

    /** The JVM's own trust store. */
    static List<X509Certificate> jvmAuthorities() throws GeneralSecurityException {
        return List.of(managerOf(null).getAcceptedIssuers());
    }

    /** The pin of a certificate's public key. */
    static String pinOf(X509Certificate certificate) {
        return "sha256:"
                + HexFormat.of()
                        .formatHex(Digests.sha256(certificate.getPublicKey().getEncoded()));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain, manager -> manager.checkServerTrusted(chain, authType, engine));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        if (!(socket instanceof SSLSocket)) {
            throw new CertificateException("no TLS connection, so no name to check");
        }
        check(chain, manager -> manager.checkServerTrusted(chain, authType, socket));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("without the connection there is no name to check");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("this side only calls");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    private interface Validation {
        void run(X509ExtendedTrustManager manager) throws CertificateException;
    }

    private void check(X509Certificate[] chain, Validation validation) throws CertificateException {
        List<X509Certificate> anchors =
                Stream.concat(authorities.stream(), pinned(chain).stream()).toList();
        if (anchors.isEmpty()) {
            throw new BadCertificate(untrusted);
        }
        try {
            validation.run(managerOf(storeOf(anchors)));
            // The path validation takes a leaf that is itself an anchor whatever its dates.
            chain[0].checkValidity();
        } catch (CertificateException e) {
            throw new BadCertificate(sentence(e));
        } catch (GeneralSecurityException e) {
            throw new CertificateException(e);
        }
    }

    /** Never the leaf, for which validation would skip the rest; and no anchor beyond its own dates. */
    private List<X509Certificate> pinned(X509Certificate[] chain) throws CertificateException {
        List<X509Certificate> found = new ArrayList<>();
        for (X509Certificate candidate : List.of(chain).subList(1, chain.length)) {
            if (candidate.getBasicConstraints() >= 0 && pins.contains(pinOf(candidate))) {
                try {
                    candidate.checkValidity();
                } catch (CertificateExpiredException | CertificateNotYetValidException e) {
                    throw new BadCertificate(OUT_OF_DATE);
                }
                found.add(candidate);
            }
        }
        return found;
    }

    /** A failed path comes as a subclass or with a cause; the plain exception is the platform's word on the name. */
    private String sentence(CertificateException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateExpiredException || cause instanceof CertificateNotYetValidException) {
                return OUT_OF_DATE;
            }
        }
        return failure.getClass() == CertificateException.class && failure.getCause() == null ? OTHER_NAME : untrusted;
    }

    private static KeyStore storeOf(List<X509Certificate> anchors) throws GeneralSecurityException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (int i = 0; i < anchors.size(); i++) {
                store.setCertificateEntry("anchor-" + i, anchors.get(i));
            }
            return store;
        } catch (IOException e) {
            throw new IllegalStateException("an empty key store could not be made", e);
        }
    }

    private static X509ExtendedTrustManager managerOf(KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
    }
}

package io.lyftdata.client;

import io.lyftdata.config.BadSetting;
import io.lyftdata.crypto.EllipticCurves;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/** The client's side of TLS: 1.2 and 1.3 only. */
public final class Tls {
    private static final String NOT_TRUSTED = "the server's certificate is not trusted: give --tls-pin (printed by the"
            + " server at its first start) or --tls-ca";
    private static final String NOT_PINNED = "the server's CA is not the pinned one: compare --tls-pin with what"
            + " \"lyftdata certificate show\" prints on the server";
    private static final String NOT_IN_FILE = "no CA in the --tls-ca file signed the server's certificate: give the"
            + " server's tls/ca.crt, or --tls-pin";
    private static final String NOT_IN_BUNDLE = "the server's CA is none of those kept in the jobs directory: if it was"
            + " replaced while this worker was away, give the new --tls-pin (\"lyftdata certificate show\" on the"
            + " server)";

    private Tls() {}

    /** @throws BadSetting when a file named by the settings cannot be used */
    public static SSLContext context(Trust trust) {
        EllipticCurves.use();
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {manager(trust)}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform cannot set up TLS", e);
        }
    }

    public static SSLParameters parameters() {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        return parameters;
    }

    /** The pins of all certificates in the text; none when it is no PEM. */
    static List<String> pinsIn(String pem) {
        try {
            return certificates(pem.getBytes(StandardCharsets.US_ASCII)).stream()
                    .map(PinnedTrust::pinOf)
                    .toList();
        } catch (CertificateException e) {
            return List.of();
        }
    }

    private static TrustManager manager(Trust trust) throws GeneralSecurityException {
        if (trust.insecure()) {
            return new AnyServer();
        }
        if (trust.bundle().isPresent()) {
            byte[] pem = trust.bundle().get().getBytes(StandardCharsets.US_ASCII);
            return new PinnedTrust(certificates(pem), trust.pins(), NOT_IN_BUNDLE);
        }
        if (trust.caFile().isPresent()) {
            return new PinnedTrust(read(trust.caFile().get()), List.of(), NOT_IN_FILE);
        }
        return trust.pins().isEmpty()
                ? new PinnedTrust(PinnedTrust.jvmAuthorities(), List.of(), NOT_TRUSTED)
                : new PinnedTrust(List.of(), trust.pins(), NOT_PINNED);
    }

    /** The authorities in the file. */
    static List<X509Certificate> read(Path file) {
        try {
            return certificates(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new BadSetting("--tls-ca: cannot read " + file + ": check that it exists and who may read it");
        } catch (CertificateException e) {
            throw new BadSetting("--tls-ca: " + file + " holds no PEM certificates");
        }
    }

    /** At least one. */
    private static List<X509Certificate> certificates(byte[] pem) throws CertificateException {
        List<X509Certificate> found =
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem)).stream()
                        .map(X509Certificate.class::cast)
                        .toList();
        if (found.isEmpty()) {
            throw new CertificateException("empty");
        }
        return found;
    }
}

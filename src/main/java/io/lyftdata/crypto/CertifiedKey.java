package io.lyftdata.crypto;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.HexFormat;

/**
 * A private key and the certificate over its public key (RFC 5280).
 *
 * @param key P-256
 * @param certificate for that key
 */
public record CertifiedKey(PrivateKey key, X509Certificate certificate) {

    /**
     * Reads PEM: a PKCS#8 EC key and the first certificate of the other text.
     *
     * @throws IllegalArgumentException when either is damaged
     */
    public static CertifiedKey parse(String keyPem, String certificatePem) {
        try {
            PrivateKey key = KeyFactory.getInstance("EC")
                    .generatePrivate(new PKCS8EncodedKeySpec(Pem.decode(keyPem, "PRIVATE KEY")));
            X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(certificatePem.getBytes(StandardCharsets.US_ASCII)));
            return new CertifiedKey(key, certificate);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("damaged key or certificate", e);
        }
    }

    public String keyPem() {
        return Pem.encode("PRIVATE KEY", key.getEncoded());
    }

    public String certificatePem() {
        return pem(certificate);
    }

    public static String pem(X509Certificate certificate) {
        try {
            return Pem.encode("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a parsed certificate did not encode", e);
        }
    }

    /** {@code sha256:<hex>} of the certificate's SubjectPublicKeyInfo (as in RFC 7469, but in hex). */
    public static String pin(X509Certificate certificate) {
        return "sha256:"
                + HexFormat.of()
                        .formatHex(Digests.sha256(certificate.getPublicKey().getEncoded()));
    }
}

package io.lyftdata.terminal;

import io.lyftdata.client.ApiClient;
import io.lyftdata.crypto.Digests;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * One certificate authority that the server hands out.
 *
 * @param pin {@code sha256:<hex>} of its public key (SubjectPublicKeyInfo)
 */
public record Authority(String subject, Instant notBefore, Instant notAfter, String pin) {
    /** All of them, which anyone may ask for. */
    public static List<Authority> of(ApiClient api) {
        byte[] pem = api.send("GET", "/api/ca", Map.of(), Map.of(), new byte[0]).body();
        try {
            return CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem)).stream()
                    .map(certificate -> of((X509Certificate) certificate))
                    .toList();
        } catch (CertificateException e) {
            throw new CommandFailure("the server at " + api.endpoint().url() + " sent no readable certificates: is it a"
                    + " LyftData server?");
        }
    }

    private static Authority of(X509Certificate certificate) {
        byte[] key = certificate.getPublicKey().getEncoded();
        return new Authority(
                certificate.getSubjectX500Principal().getName(),
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant(),
                "sha256:" + HexFormat.of().formatHex(Digests.sha256(key)));
    }
}

package io.lyftdata.crypto;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a key or signature must have to serve TLS (NIST SP 800-52r2): 112 bits of security, no SHA-1. */
public final class KeyStrength {
    private static final String PSS = "RSASSA-PSS";
    private static final int LEAST_RSA_BITS = 2048;
    private static final byte[] PROBE = "does this key belong to that certificate".getBytes(StandardCharsets.US_ASCII);

    private KeyStrength() {}

    /** Why the key is too weak or of no use, as the end of a sentence; empty when it is neither. */
    public static Optional<String> weakness(PublicKey key) {
        if (key instanceof RSAPublicKey rsa) {
            int bits = rsa.getModulus().bitLength();
            return bits < LEAST_RSA_BITS
                    ? Optional.of("has an RSA key of " + bits + " bits: 2048 are the least")
                    : Optional.empty();
        }
        if (key instanceof ECPublicKey ec) {
            return isOn(ec.getParams(), "secp256r1") || isOn(ec.getParams(), "secp384r1")
                    ? Optional.empty()
                    : Optional.of("has an EC key on another curve than P-256 and P-384");
        }
        boolean ed25519 =
                key instanceof EdECPublicKey ed && ed.getParams().getName().equals("Ed25519");
        return ed25519
                ? Optional.empty()
                : Optional.of("has a key of another kind than RSA, EC on P-256 or P-384, and Ed25519");
    }

    /** The same of a certificate: of its key, then of its issuer's signature; nobody checks a root's on itself. */
    public static Optional<String> weakness(X509Certificate certificate) {
        return weakness(certificate.getPublicKey())
                .or(() -> CertificateChain.signed(certificate, certificate)
                        ? Optional.empty()
                        : weakSignature(certificate));
    }

    private static Optional<String> weakSignature(X509Certificate certificate) {
        String name = certificate.getSigAlgName();
        String hash = name.equals(PSS) ? hash(certificate.getSigAlgParams()) : name;
        return List.of("SHA1", "SHA-1", "MD5", "MD2").stream().anyMatch(hash.toUpperCase(Locale.ROOT)::startsWith)
                ? Optional.of("is signed with " + (name.equals(PSS) ? PSS + " over " + hash : name)
                        + ", which can be forged: have it issued anew with SHA-256")
                : Optional.empty();
    }

    /** What RSASSA-PSS hashes with is a parameter, SHA-1 when it is left out (RFC 4055, 3.1). */
    private static String hash(byte[] parameters) {
        try {
            AlgorithmParameters read = AlgorithmParameters.getInstance(PSS);
            read.init(parameters);
            return read.getParameterSpec(PSSParameterSpec.class).getDigestAlgorithm();
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            // It cannot be verified either.
            return "SHA-1";
        }
    }

    /** Whether what the private key signs holds before the public one. */
    public static boolean belong(PrivateKey secret, PublicKey open) {
        String algorithm = switch (open.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> "Ed25519";
        };
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(secret);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(open);
            signature.update(PROBE);
            return signature.verify(signed);
        } catch (GeneralSecurityException | RuntimeException e) {
            return false;
        }
    }

    private static boolean isOn(ECParameterSpec found, String curve) {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec(curve));
            ECParameterSpec known = parameters.getParameterSpec(ECParameterSpec.class);
            return known.getCurve().equals(found.getCurve())
                    && known.getGenerator().equals(found.getGenerator())
                    && known.getOrder().equals(found.getOrder());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform has no " + curve, e);
        }
    }
}

package io.lyftdata.crypto;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;

/** An Ed25519 key pair (RFC 8032); its public key travels as SubjectPublicKeyInfo (RFC 8410) in base64. */
public final class Identity {
    private static final String ALGORITHM = "Ed25519";

    private final PrivateKey privateKey;
    private final String publicKey;

    private Identity(PrivateKey privateKey, String publicKey) {
        this.privateKey = privateKey;
        this.publicKey = publicKey;
    }

    public static Identity generate() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
            return new Identity(
                    pair.getPrivate(),
                    Base64.getEncoder().encodeToString(pair.getPublic().getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform has no Ed25519", e);
        }
    }

    /** Reads what {@link #toPem()} wrote; empty when it is damaged. */
    public static Optional<Identity> fromPem(String pem) {
        try {
            KeyFactory factory = KeyFactory.getInstance(ALGORITHM);
            PrivateKey secret = factory.generatePrivate(new PKCS8EncodedKeySpec(Pem.decode(pem, "PRIVATE KEY")));
            PublicKey open = factory.generatePublic(new X509EncodedKeySpec(Pem.decode(pem, "PUBLIC KEY")));
            return Optional.of(new Identity(secret, Base64.getEncoder().encodeToString(open.getEncoded())));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** PKCS#8 private key and SubjectPublicKeyInfo, one after the other. */
    public String toPem() {
        return Pem.encode("PRIVATE KEY", privateKey.getEncoded())
                + Pem.encode("PUBLIC KEY", Base64.getDecoder().decode(publicKey));
    }

    /** SubjectPublicKeyInfo in base64. */
    public String publicKey() {
        return publicKey;
    }

    /** {@code sha256:<hex>} of the public key's SubjectPublicKeyInfo. */
    public String fingerprint() {
        return fingerprint(publicKey);
    }

    /** The same of any public key in our form; empty text for what is none. */
    public static String fingerprint(String publicKey) {
        return isPublicKey(publicKey)
                ? "sha256:" + Digests.sha256Hex(Base64.getDecoder().decode(publicKey))
                : "";
    }

    /** A 256-bit key for one purpose: HKDF-Expand (RFC 5869) of the private key, whose 32 bytes are random already. */
    byte[] derive(String purpose) {
        byte[] seed = ((EdECPrivateKey) privateKey).getBytes().orElseThrow();
        return Digests.hmacSha256(seed, (purpose + "\u0001").getBytes(StandardCharsets.US_ASCII));
    }

    /** Base64 of the 64-byte signature. */
    public String sign(byte[] message) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(privateKey);
            signature.update(message);
            return Base64.getEncoder().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("an Ed25519 key did not sign", e);
        }
    }

    /** Whether the text is an Ed25519 public key in our form. */
    public static boolean isPublicKey(String publicKey) {
        return parsePublic(publicKey).isPresent();
    }

    /** False for any wrong, damaged or missing part; never throws. */
    public static boolean verify(String publicKey, byte[] message, String signature) {
        Optional<PublicKey> key = parsePublic(publicKey);
        if (key.isEmpty() || signature == null) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance(ALGORITHM);
            verifier.initVerify(key.get());
            verifier.update(message);
            return verifier.verify(Base64.getDecoder().decode(signature));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }

    private static Optional<PublicKey> parsePublic(String publicKey) {
        try {
            if (publicKey == null) {
                return Optional.empty();
            }
            byte[] encoded = Base64.getDecoder().decode(publicKey);
            PublicKey key = KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(encoded));
            return publicKey.equals(Base64.getEncoder().encodeToString(key.getEncoded()))
                    ? Optional.of(key)
                    : Optional.empty();
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}

package io.lyftdata.crypto;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;

/**
 * An Ed25519 key pair (RFC 8032); its public key travels as SubjectPublicKeyInfo (RFC 8410) in base64. Safe for use by
 * many threads. Bouncy Castle signs and verifies: a fleet's rotation is mostly that, and Java's own takes several times
 * as long.
 */
public final class Identity {
    private static final String ALGORITHM = "Ed25519";
    /** A SubjectPublicKeyInfo of the algorithm up to the key's 32 bytes; whole triples, so its base64 is a prefix too. */
    private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final String PREFIX_BASE64 = Base64.getEncoder().encodeToString(PREFIX);

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
        return Digests.hmacSha256(seed(), (purpose + "\u0001").getBytes(StandardCharsets.US_ASCII));
    }

    private byte[] seed() {
        return ((EdECPrivateKey) privateKey).getBytes().orElseThrow();
    }

    /** Base64 of the 64-byte signature. */
    public String sign(byte[] message) {
        Ed25519Signer signer = new Ed25519Signer();
        signer.init(true, new Ed25519PrivateKeyParameters(seed()));
        signer.update(message, 0, message.length);
        return Base64.getEncoder().encodeToString(signer.generateSignature());
    }

    /** Whether the text is an Ed25519 public key in our form. */
    public static boolean isPublicKey(String publicKey) {
        return parsePublic(publicKey).isPresent();
    }

    /** False for any wrong, damaged or missing part; never throws. */
    public static boolean verify(String publicKey, byte[] message, String signature) {
        Optional<Ed25519PublicKeyParameters> key = parsePublic(publicKey);
        if (key.isEmpty() || signature == null) {
            return false;
        }
        try {
            Ed25519Signer verifier = new Ed25519Signer();
            verifier.init(false, key.get());
            verifier.update(message, 0, message.length);
            return verifier.verifySignature(Base64.getDecoder().decode(signature));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Refuses encodings of a point that is none, and any but the one form of a key (RFC 8032, 5.1.3; RFC 8410, 4). */
    private static Optional<Ed25519PublicKeyParameters> parsePublic(String publicKey) {
        if (publicKey == null || !publicKey.startsWith(PREFIX_BASE64)) {
            return Optional.empty();
        }
        try {
            byte[] encoded = Base64.getDecoder().decode(publicKey);
            return encoded.length == PREFIX.length + Ed25519PublicKeyParameters.KEY_SIZE
                            && publicKey.equals(Base64.getEncoder().encodeToString(encoded))
                    ? Optional.of(new Ed25519PublicKeyParameters(encoded, PREFIX.length))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}

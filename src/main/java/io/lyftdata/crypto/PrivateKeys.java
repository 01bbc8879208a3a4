package io.lyftdata.crypto;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8DecryptorProviderBuilder;
import org.bouncycastle.operator.InputDecryptorProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;

/**
 * Reads private keys as others write them: PKCS#8 (RFC 5958), also encrypted by PBES2 (RFC 8018), PKCS#1 (RFC 8017) and
 * SEC1 (RFC 5915), in PEM.
 */
public final class PrivateKeys {
    /** So that a hostile file does not keep a start busy for hours. */
    private static final int MOST_ROUNDS = 10_000_000;

    private static final Map<String, String> ALGORITHMS = Map.of(
            PKCSObjectIdentifiers.rsaEncryption.getId(),
            "RSA",
            X9ObjectIdentifiers.id_ecPublicKey.getId(),
            "EC",
            "1.3.101.112",
            "Ed25519");

    private PrivateKeys() {}

    /**
     * The one private key in the text; other blocks are passed over.
     *
     * @param passphrase opens it when it is encrypted
     * @throws IllegalArgumentException with a sentence about the text
     */
    public static PrivateKey parse(String pem, Optional<String> passphrase) {
        List<Pem.Block> keys = Pem.blocks(pem).stream()
                .filter(block -> block.label().endsWith("PRIVATE KEY"))
                .toList();
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("it holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)");
        }
        if (keys.size() > 1) {
            throw new IllegalArgumentException("it holds " + keys.size() + " private keys: leave only the server's");
        }
        return key(info(keys.get(0), passphrase));
    }

    private static PrivateKeyInfo info(Pem.Block block, Optional<String> passphrase) {
        if (block.headers().contains("ENCRYPTED")) {
            throw new IllegalArgumentException("its key is encrypted in OpenSSL's old form, which gives little"
                    + " protection: convert it with openssl pkcs8 -topk8");
        }
        try {
            return switch (block.label()) {
                case "PRIVATE KEY" -> PrivateKeyInfo.getInstance(ASN1Primitive.fromByteArray(block.content()));
                case "RSA PRIVATE KEY" ->
                    new PrivateKeyInfo(
                            new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption),
                            org.bouncycastle.asn1.pkcs.RSAPrivateKey.getInstance(block.content()));
                case "EC PRIVATE KEY" -> sec1(org.bouncycastle.asn1.sec.ECPrivateKey.getInstance(block.content()));
                case "ENCRYPTED PRIVATE KEY" -> opened(block.content(), passphrase);
                default ->
                    throw new SentenceException("its " + block.label()
                            + " is no key that a TLS server can use here: give PKCS#8, PKCS#1 or SEC1 in PEM form");
            };
        } catch (SentenceException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw damaged(e);
        }
    }

    private static PrivateKeyInfo sec1(org.bouncycastle.asn1.sec.ECPrivateKey key) throws IOException {
        return new PrivateKeyInfo(
                new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, key.getParametersObject()), key);
    }

    private static PrivateKeyInfo opened(byte[] content, Optional<String> passphrase) throws IOException {
        PKCS8EncryptedPrivateKeyInfo encrypted = new PKCS8EncryptedPrivateKeyInfo(content);
        String secret = passphrase.orElseThrow(() -> new SentenceException(
                "its key is encrypted: set LYFTDATA_TLS_KEY_PASSPHRASE, or better LYFTDATA_TLS_KEY_PASSPHRASE_FILE"));
        refuseEndlessRounds(encrypted.getEncryptionAlgorithm());
        try {
            InputDecryptorProvider decryptor = new JceOpenSSLPKCS8DecryptorProviderBuilder()
                    .setProvider(new BouncyCastleProvider())
                    .build(secret.toCharArray());
            return encrypted.decryptPrivateKeyInfo(decryptor);
        } catch (PKCSException | OperatorCreationException e) {
            throw new SentenceException("its key does not open with LYFTDATA_TLS_KEY_PASSPHRASE: the passphrase is"
                    + " another one, or the file is damaged");
        }
    }

    private static void refuseEndlessRounds(AlgorithmIdentifier encryption) {
        boolean pbkdf2 = false;
        if (encryption.getAlgorithm().equals(PKCSObjectIdentifiers.id_PBES2)) {
            var derivation =
                    PBES2Parameters.getInstance(encryption.getParameters()).getKeyDerivationFunc();
            pbkdf2 = derivation.getAlgorithm().equals(PKCSObjectIdentifiers.id_PBKDF2)
                    && isBounded(
                            PBKDF2Params.getInstance(derivation.getParameters()).getIterationCount());
        }
        if (!pbkdf2) {
            throw new SentenceException("its key is encrypted by other means than PBES2 with PBKDF2 and at most "
                    + MOST_ROUNDS + " rounds: convert it with openssl pkcs8 -topk8");
        }
    }

    private static boolean isBounded(BigInteger rounds) {
        return rounds.compareTo(BigInteger.valueOf(MOST_ROUNDS)) <= 0;
    }

    private static PrivateKey key(PrivateKeyInfo info) {
        String algorithm =
                ALGORITHMS.get(info.getPrivateKeyAlgorithm().getAlgorithm().getId());
        if (algorithm == null) {
            throw new IllegalArgumentException(
                    "its key is of another kind than RSA, EC on P-256 or P-384, and Ed25519: make one of these");
        }
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            throw damaged(e);
        }
    }

    private static IllegalArgumentException damaged(Exception cause) {
        return new IllegalArgumentException("its private key is damaged, or of a kind that Java does not know", cause);
    }

    /** Its message is a sentence of ours. */
    private static final class SentenceException extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        private SentenceException(String sentence) {
            super(sentence);
        }
    }
}

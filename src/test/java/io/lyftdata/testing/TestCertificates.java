package io.lyftdata.testing;

import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.crypto.Pem;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Certificates of every kind that an operator may put in place, good and bad. */
public final class TestCertificates {
    private TestCertificates() {}

    /** A key pair: {@code RSA-BITS}, {@code P-256}, {@code P-384}, {@code P-521} or {@code Ed25519}. */
    public static KeyPair pair(String kind) {
        try {
            if (kind.startsWith("RSA-")) {
                KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
                rsa.initialize(Integer.parseInt(kind.substring(4)));
                return rsa.generateKeyPair();
            }
            if (kind.equals("Ed25519")) {
                return KeyPairGenerator.getInstance(kind).generateKeyPair();
            }
            KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
            ec.initialize(new ECGenParameterSpec("secp" + kind.substring(2) + "r1"));
            return ec.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a certificate says; each method answers another one. */
    public record Wish(
            String subject,
            KeyPair pair,
            List<String> names,
            Instant begin,
            Duration life,
            String signature,
            KeyPurposeId use,
            boolean isAuthority) {

        /** One for localhost that lives 90 days. */
        public static Wish leaf(String kind, Instant now) {
            return new Wish(
                    "CN=server",
                    TestCertificates.pair(kind),
                    List.of("localhost", "127.0.0.1"),
                    now,
                    Duration.ofDays(90),
                    null,
                    KeyPurposeId.id_kp_serverAuth,
                    false);
        }

        public static Wish authority(String subject, String kind, Instant now) {
            return new Wish(
                    "CN=" + subject,
                    TestCertificates.pair(kind),
                    List.of(),
                    now,
                    Duration.ofDays(3650),
                    null,
                    null,
                    true);
        }

        public Wish named(String... others) {
            return new Wish(subject, pair, List.of(others), begin, life, signature, use, isAuthority);
        }

        public Wish living(Instant from, Duration other) {
            return new Wish(subject, pair, names, from, other, signature, use, isAuthority);
        }

        public Wish signedWith(String algorithm) {
            return new Wish(subject, pair, names, begin, life, algorithm, use, isAuthority);
        }

        public Wish usedFor(KeyPurposeId other) {
            return new Wish(subject, pair, names, begin, life, signature, other, isAuthority);
        }

        public CertifiedKey selfSigned() {
            return sign(pair.getPrivate(), subject);
        }

        public CertifiedKey by(CertifiedKey issuer) {
            return sign(
                    issuer.key(), issuer.certificate().getSubjectX500Principal().getName());
        }

        private CertifiedKey sign(PrivateKey key, String issuer) {
            try {
                JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                        new X500Name(issuer),
                        new BigInteger(64, new SecureRandom()),
                        Date.from(begin),
                        Date.from(begin.plus(life)),
                        new X500Name(subject),
                        pair.getPublic());
                builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
                if (use != null) {
                    builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(use));
                }
                if (!names.isEmpty()) {
                    builder.addExtension(
                            Extension.subjectAlternativeName,
                            false,
                            new GeneralNames(names.stream()
                                    .map(name -> new GeneralName(
                                            name.matches("[0-9.]+") ? GeneralName.iPAddress : GeneralName.dNSName,
                                            name))
                                    .toArray(GeneralName[]::new)));
                }
                // The platform has no PSS by this name.
                X509Certificate certificate = new JcaX509CertificateConverter()
                        .getCertificate(
                                builder.build(new JcaContentSignerBuilder(signature == null ? usual(key) : signature)
                                        .setProvider(new BouncyCastleProvider())
                                        .build(key)));
                return new CertifiedKey(pair.getPrivate(), certificate);
            } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
                throw new IllegalStateException(e);
            }
        }

        private static String usual(PrivateKey key) {
            return switch (key.getAlgorithm()) {
                case "RSA" -> "SHA256withRSA";
                case "EC" -> "SHA256withECDSA";
                default -> "Ed25519";
            };
        }
    }

    /** PKCS#1 or SEC1, as OpenSSL wrote keys for long. */
    public static String traditional(PrivateKey key) throws IOException {
        PrivateKeyInfo info = PrivateKeyInfo.getInstance(key.getEncoded());
        byte[] inner = info.parsePrivateKey().toASN1Primitive().getEncoded();
        return key.getAlgorithm().equals("RSA")
                ? Pem.encode("RSA PRIVATE KEY", inner)
                : Pem.encode("EC PARAMETERS", new byte[] {6, 8, 42, -122, 72, -50, 61, 3, 1, 7})
                        + Pem.encode("EC PRIVATE KEY", withParameters(inner, info));
    }

    private static byte[] withParameters(byte[] inner, PrivateKeyInfo info) throws IOException {
        var key = org.bouncycastle.asn1.sec.ECPrivateKey.getInstance(inner);
        return new org.bouncycastle.asn1.sec.ECPrivateKey(
                        info.getPrivateKeyAlgorithm().getParameters().toString().equals("1.3.132.0.34") ? 384 : 256,
                        key.getKey(),
                        info.getPrivateKeyAlgorithm().getParameters())
                .getEncoded();
    }

    /** PKCS#8 under a passphrase: PBES2 with PBKDF2 and AES-256. */
    public static String encrypted(PrivateKey key, String passphrase) throws IOException {
        try {
            var encryptor = new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                    .setProvider(new BouncyCastleProvider())
                    .setPassword(passphrase.toCharArray())
                    .build();
            StringWriter text = new StringWriter();
            try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
                pem.writeObject(new JcaPKCS8Generator(key, encryptor));
            }
            return text.toString();
        } catch (OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes a file that only its owner may read. */
    public static Path write(Path file, String content) throws IOException {
        Files.writeString(file, content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
}

package io.lyftdata.crypto;

import inet.ipaddr.IPAddressString;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes certificates after RFC 5280: P-256, SHA-256, random serial numbers, five minutes of grace before. */
public final class Issuer {
    private static final Duration GRACE = Duration.ofMinutes(5);

    private Issuer() {}

    /** A new authority that signs itself; it may sign leaves, and its successor. */
    public static CertifiedKey authority(String commonName, Instant now, Duration life) {
        KeyPair pair = keyPair();
        X500Name name = name(commonName);
        try {
            X509v3CertificateBuilder certificate = builder(name, name, pair, now, life)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(1))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            return sign(certificate, pair, pair);
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("no certificate could be made", e);
        }
    }

    /** The successor's certificate once more, signed by its predecessor: whoever trusts that one trusts this. */
    public static X509Certificate crossSigned(X509Certificate successor, CertifiedKey predecessor, Instant now) {
        X500Name issuer = X500Name.getInstance(
                predecessor.certificate().getSubjectX500Principal().getEncoded());
        X500Name subject =
                X500Name.getInstance(successor.getSubjectX500Principal().getEncoded());
        Duration life =
                Duration.between(now, predecessor.certificate().getNotAfter().toInstant());
        KeyPair pair = new KeyPair(successor.getPublicKey(), null);
        try {
            X509v3CertificateBuilder certificate = builder(issuer, subject, pair, now, life)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            KeyPair signer = new KeyPair(predecessor.certificate().getPublicKey(), predecessor.key());
            return sign(certificate, pair, signer).certificate();
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("no certificate could be made", e);
        }
    }

    /**
     * A server's certificate.
     *
     * @param names DNS names and IP addresses for the subjectAltName, at least one
     */
    public static CertifiedKey server(CertifiedKey authority, List<String> names, Instant now, Duration life) {
        KeyPair pair = keyPair();
        GeneralName[] alternatives = names.stream().map(Issuer::alternative).toArray(GeneralName[]::new);
        X500Name issuer = X500Name.getInstance(
                authority.certificate().getSubjectX500Principal().getEncoded());
        try {
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            X509v3CertificateBuilder certificate = builder(issuer, name(names.get(0)), pair, now, life)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                    .addExtension(
                            Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
                    .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternatives))
                    .addExtension(
                            Extension.authorityKeyIdentifier,
                            false,
                            // By the key alone: an authority may have a second certificate, from its predecessor.
                            extensions.createAuthorityKeyIdentifier(
                                    authority.certificate().getPublicKey()));
            KeyPair signer = new KeyPair(authority.certificate().getPublicKey(), authority.key());
            return sign(certificate, pair, signer);
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("no certificate could be made", e);
        }
    }

    private static KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform has no P-256", e);
        }
    }

    private static X500Name name(String commonName) {
        return new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.CN, commonName)
                .build();
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, KeyPair pair, Instant now, Duration life) {
        return new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(1, Randomness.bytes(16)),
                Date.from(now.minus(GRACE)),
                Date.from(now.plus(life)),
                subject,
                pair.getPublic());
    }

    private static CertifiedKey sign(X509v3CertificateBuilder builder, KeyPair subject, KeyPair signer)
            throws IOException, GeneralSecurityException, OperatorCreationException {
        builder.addExtension(
                Extension.subjectKeyIdentifier,
                false,
                new JcaX509ExtensionUtils().createSubjectKeyIdentifier(subject.getPublic()));
        X509Certificate certificate = new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate())));
        return new CertifiedKey(subject.getPrivate(), certificate);
    }

    private static GeneralName alternative(String name) {
        boolean address = new IPAddressString(name).isIPAddress();
        return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name);
    }
}

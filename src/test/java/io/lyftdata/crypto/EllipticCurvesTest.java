package io.lyftdata.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.XECPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.List;
import javax.crypto.KeyAgreement;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same as the JDK's own curves, and together with them. */
class EllipticCurvesTest {
    private static final String OURS = "LyftDataCurves";
    private static final String JDK = "SunEC";
    private static final byte[] TEXT = "text".getBytes(StandardCharsets.US_ASCII);

    @BeforeAll
    static void use() {
        EllipticCurves.use();
        EllipticCurves.use();
    }

    @ParameterizedTest
    @CsvSource({"EC, secp256r1, SHA256withECDSA", "EC, secp384r1, SHA384withECDSA", "Ed25519, , Ed25519"})
    void aKeyOfTheJdkSignsAndVerifies(String kind, String curve, String algorithm) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(kind, JDK);
        if (curve != null) {
            generator.initialize(new ECGenParameterSpec(curve));
        }
        KeyPair pair = generator.generateKeyPair();

        byte[] ours = sign(Signature.getInstance(algorithm), pair.getPrivate());
        byte[] theirs = sign(Signature.getInstance(algorithm, JDK), pair.getPrivate());

        assertThat(Signature.getInstance(algorithm).getProvider().getName()).isEqualTo(OURS);
        assertThat(verifies(Signature.getInstance(algorithm, JDK), pair.getPublic(), ours))
                .isTrue();
        assertThat(verifies(Signature.getInstance(algorithm), pair.getPublic(), theirs))
                .isTrue();
        theirs[theirs.length - 1] ^= 1;
        assertThat(verifies(Signature.getInstance(algorithm), pair.getPublic(), theirs))
                .isFalse();
    }

    @Test
    void anotherCurveIsTheJdks() throws GeneralSecurityException {
        KeyPair pair = pair("secp521r1");
        Signature signature = Signature.getInstance("SHA256withECDSA");

        byte[] signed = sign(signature, pair.getPrivate());

        assertThat(signature.getProvider().getName()).isEqualTo(JDK);
        assertThat(verifies(Signature.getInstance("SHA256withECDSA"), pair.getPublic(), signed))
                .isTrue();
    }

    /** CVE-2020-0601: whoever chooses the generator has a private key for anybody's point. */
    @Test
    void aGeneratorOfItsOwnOrAPointBesideTheCurveIsNoKey() throws GeneralSecurityException {
        ECPublicKey good = (ECPublicKey) pair("secp256r1").getPublic();
        ECParameterSpec curve = good.getParams();
        ECPoint beside = new ECPoint(good.getW().getAffineX(), BigInteger.ONE);
        Signature ours = Signature.getInstance("SHA256withECDSA", OURS);

        for (ECPublicKey bad : List.of(
                new Chosen(
                        good.getW(),
                        new ECParameterSpec(curve.getCurve(), good.getW(), curve.getOrder(), curve.getCofactor())),
                new Chosen(beside, curve),
                new Chosen(ECPoint.POINT_INFINITY, curve))) {
            assertThatThrownBy(() -> ours.initVerify(bad)).isInstanceOf(InvalidKeyException.class);
        }
        ours.initVerify(new Chosen(good.getW(), curve));
    }

    private static KeyPair pair(String curve) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", JDK);
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }

    /** A key that the JDK's own class would not hold. */
    private interface Made extends Key {
        @Override
        default String getFormat() {
            return null;
        }

        @Override
        default byte[] getEncoded() {
            return null;
        }
    }

    private record Chosen(ECPoint w, ECParameterSpec params) implements ECPublicKey, Made {
        @Override
        public ECPoint getW() {
            return w;
        }

        @Override
        public ECParameterSpec getParams() {
            return params;
        }

        @Override
        public String getAlgorithm() {
            return "EC";
        }
    }

    private static byte[] sign(Signature signature, PrivateKey key) throws GeneralSecurityException {
        signature.initSign(key);
        signature.update(TEXT);
        return signature.sign();
    }

    private static boolean verifies(Signature signature, PublicKey key, byte[] signed) throws GeneralSecurityException {
        signature.initVerify(key);
        signature.update(TEXT);
        return signature.verify(signed);
    }

    @ParameterizedTest
    @CsvSource({"X25519, LyftDataCurves", "X448, SunEC"})
    void bothSidesAgreeOnOneSecret(String curve, String provider) throws GeneralSecurityException {
        KeyPair ours = pair(KeyPairGenerator.getInstance("XDH"), curve);
        KeyPair theirs = pair(KeyPairGenerator.getInstance("XDH", JDK), curve);

        KeyAgreement agreement = KeyAgreement.getInstance("XDH");
        byte[] secret = agree(agreement, ours.getPrivate(), theirs.getPublic());

        assertThat(agreement.getProvider().getName()).isEqualTo(provider);
        assertThat(secret)
                .isEqualTo(agree(KeyAgreement.getInstance("XDH", JDK), theirs.getPrivate(), ours.getPublic()));
    }

    private static KeyPair pair(KeyPairGenerator generator, String curve) throws GeneralSecurityException {
        generator.initialize(new NamedParameterSpec(curve));
        return generator.generateKeyPair();
    }

    /** RFC 7748, 6.1 and 5: the secret would be zero, whoever has the other key; and numbers that are no coordinate. */
    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "-1", "8000000000000000000000000000000000000000000000000000000000000000"})
    void aBadPointIsNoKey(String u) throws GeneralSecurityException {
        KeyPair ours = pair(KeyPairGenerator.getInstance("XDH"), "X25519");
        XECPublicKey point = new Point(new BigInteger(u, 16));

        assertThatThrownBy(() -> agree(KeyAgreement.getInstance("XDH", OURS), ours.getPrivate(), point))
                .isInstanceOf(InvalidKeyException.class);
    }

    private record Point(BigInteger u) implements XECPublicKey, Made {
        @Override
        public BigInteger getU() {
            return u;
        }

        @Override
        public AlgorithmParameterSpec getParams() {
            return NamedParameterSpec.X25519;
        }

        @Override
        public String getAlgorithm() {
            return "XDH";
        }
    }

    private static byte[] agree(KeyAgreement agreement, PrivateKey mine, PublicKey other)
            throws GeneralSecurityException {
        agreement.init(mine);
        agreement.doPhase(other, true);
        return agreement.generateSecret();
    }

    /** What is not listed stays with the JDK. */
    @Test
    void everythingElseIsTheJdks() throws GeneralSecurityException {
        assertThat(Arrays.asList(
                        KeyPairGenerator.getInstance("EC").getProvider().getName(),
                        KeyFactory.getInstance("EC").getProvider().getName()))
                .containsOnly(JDK);
    }
}

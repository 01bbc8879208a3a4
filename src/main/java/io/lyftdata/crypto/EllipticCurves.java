package io.lyftdata.crypto;

import java.math.BigInteger;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Security;
import java.security.interfaces.ECKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.XECPrivateKey;
import java.security.interfaces.XECPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.List;
import javax.crypto.KeyAgreementSpi;
import javax.crypto.SecretKey;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.CipherParameters;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.StandardDSAEncoding;
import org.bouncycastle.jcajce.provider.asymmetric.edec.KeyPairGeneratorSpi;
import org.bouncycastle.jcajce.provider.asymmetric.edec.SignatureSpi;
import org.bouncycastle.jcajce.provider.asymmetric.util.DSABase;
import org.bouncycastle.jcajce.provider.asymmetric.util.EC5Util;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.bouncycastle.util.BigIntegers;

/**
 * Bouncy Castle's arithmetic for what a TLS handshake does on elliptic curves, in front of the JDK's own, which takes two
 * to ten times as long (figures in {@code docs/BENCHMARKS.md}). All else stays with the JDK: its TLS, its certificates,
 * its keys, which this code takes as they are.
 */
public final class EllipticCurves extends Provider {
    private static final long serialVersionUID = 1;
    private static final String NAME = "LyftDataCurves";

    private EllipticCurves() {
        super(NAME, "1", "Bouncy Castle's X25519, ECDSA and Ed25519");
        // The name under which the JDK's TLS asks for X25519 and X448; the latter it then gets from the JDK.
        service("KeyPairGenerator", "XDH", KeyPairGeneratorSpi.X25519.class);
        service("KeyAgreement", "XDH", X25519Agreement.class);
        service("Signature", "SHA256withECDSA", Ecdsa256.class);
        service("Signature", "SHA384withECDSA", Ecdsa384.class);
        service("Signature", "Ed25519", SignatureSpi.Ed25519.class);
    }

    private void service(String type, String algorithm, Class<?> implementation) {
        putService(new Service(this, type, algorithm, implementation.getName(), null, null));
    }

    /** Has this process use it from its next handshake on; more than once is once. */
    public static void use() {
        if (Security.getProvider(NAME) == null) {
            Security.insertProviderAt(new EllipticCurves(), 1);
        }
    }

    /**
     * ECDSA (FIPS 186-5, 6) with keys on P-256 and P-384; one on another curve is an {@link InvalidKeyException}, and the
     * JDK's own takes it. Bouncy Castle's own makes a new generator of each key it is given, and for each generator a
     * table of its multiples: two thirds of what its signature takes.
     */
    private static class Ecdsa extends DSABase {
        private static final List<Curve> CURVES = List.of(Curve.of("P-256"), Curve.of("P-384"));

        private record Curve(ECParameterSpec asJdk, ECDomainParameters asBouncyCastle) {
            private static Curve of(String name) {
                X9ECParameters known = CustomNamedCurves.getByName(name);
                return new Curve(EC5Util.convertToSpec(known), new ECDomainParameters(known));
            }

            /** All of its parameters count: a key with a generator of its own proves nothing. */
            private boolean is(ECParameterSpec other) {
                return asJdk.getCurve().equals(other.getCurve())
                        && asJdk.getGenerator().equals(other.getGenerator())
                        && asJdk.getOrder().equals(other.getOrder())
                        && asJdk.getCofactor() == other.getCofactor();
            }
        }

        private Ecdsa(Digest digest) {
            super(digest, new ECDSASigner(), StandardDSAEncoding.INSTANCE);
        }

        private static ECDomainParameters domain(ECKey key) throws InvalidKeyException {
            for (Curve curve : CURVES) {
                if (curve.is(key.getParams())) {
                    return curve.asBouncyCastle;
                }
            }
            throw new InvalidKeyException("neither on P-256 nor on P-384");
        }

        @Override
        protected void engineInitSign(PrivateKey key) throws InvalidKeyException {
            if (!(key instanceof ECPrivateKey mine)) {
                throw new InvalidKeyException("no private key on an elliptic curve that gives its number");
            }
            try {
                CipherParameters signs = new ECPrivateKeyParameters(mine.getS(), domain(mine));
                signer.init(true, appRandom == null ? signs : new ParametersWithRandom(signs, appRandom));
            } catch (IllegalArgumentException e) {
                throw new InvalidKeyException("no private key of its curve", e);
            }
            digest.reset();
        }

        @Override
        protected void engineInitVerify(PublicKey key) throws InvalidKeyException {
            if (!(key instanceof ECPublicKey other)) {
                throw new InvalidKeyException("no public key on an elliptic curve");
            }
            ECDomainParameters domain = domain(other);
            try {
                signer.init(
                        false,
                        new ECPublicKeyParameters(EC5Util.convertPoint(domain.getCurve(), other.getW()), domain));
            } catch (IllegalArgumentException e) {
                throw new InvalidKeyException("no point of its curve", e);
            }
            digest.reset();
        }
    }

    public static final class Ecdsa256 extends Ecdsa {
        public Ecdsa256() {
            super(new SHA256Digest());
        }
    }

    public static final class Ecdsa384 extends Ecdsa {
        public Ecdsa384() {
            super(new SHA384Digest());
        }
    }

    /**
     * X25519 (RFC 7748, 6.1) by Bouncy Castle's arithmetic. Unlike Bouncy Castle's own, it refuses a bad public key as
     * the JDK does, whose TLS answers anything but an {@link InvalidKeyException} as a fault of its own.
     */
    public static final class X25519Agreement extends KeyAgreementSpi {
        private byte[] scalar;
        private byte[] secret;

        @Override
        protected void engineInit(Key key, SecureRandom random) throws InvalidKeyException {
            if (!(key instanceof XECPrivateKey mine) || !isCurve25519(mine.getParams())) {
                throw new InvalidKeyException("no private key on Curve25519");
            }
            scalar = mine.getScalar().orElseThrow(() -> new InvalidKeyException("a key that does not give its bytes"));
            secret = null;
        }

        private static boolean isCurve25519(AlgorithmParameterSpec curve) {
            return curve instanceof NamedParameterSpec named && named.getName().equals("X25519");
        }

        @Override
        protected void engineInit(Key key, AlgorithmParameterSpec parameters, SecureRandom random)
                throws InvalidKeyException, InvalidAlgorithmParameterException {
            if (parameters != null) {
                throw new InvalidAlgorithmParameterException("X25519 takes no parameters");
            }
            engineInit(key, random);
        }

        @Override
        protected Key engineDoPhase(Key key, boolean isLast) throws InvalidKeyException {
            if (scalar == null || secret != null || !isLast) {
                throw new IllegalStateException("X25519 has one phase, after init");
            }
            if (!(key instanceof XECPublicKey other) || !isCurve25519(other.getParams())) {
                throw new InvalidKeyException("no public key on Curve25519");
            }
            byte[] agreed = new byte[X25519.POINT_SIZE];
            if (!X25519.calculateAgreement(scalar, 0, littleEndian(other.getU()), 0, agreed, 0)) {
                throw new InvalidKeyException("a point of small order");
            }
            secret = agreed;
            return null;
        }

        private static byte[] littleEndian(BigInteger u) throws InvalidKeyException {
            if (u.signum() < 0 || u.bitLength() >= Byte.SIZE * X25519.POINT_SIZE) {
                throw new InvalidKeyException("no point of Curve25519");
            }
            return org.bouncycastle.util.Arrays.reverse(BigIntegers.asUnsignedByteArray(X25519.POINT_SIZE, u));
        }

        @Override
        protected byte[] engineGenerateSecret() {
            if (secret == null) {
                throw new IllegalStateException("no agreement yet");
            }
            byte[] agreed = secret;
            secret = null;
            return agreed;
        }

        @Override
        protected int engineGenerateSecret(byte[] target, int offset) throws ShortBufferException {
            if (target.length - offset < X25519.POINT_SIZE) {
                throw new ShortBufferException("the secret has " + X25519.POINT_SIZE + " bytes");
            }
            byte[] agreed = engineGenerateSecret();
            System.arraycopy(agreed, 0, target, offset, agreed.length);
            Arrays.fill(agreed, (byte) 0);
            return agreed.length;
        }

        @Override
        protected SecretKey engineGenerateSecret(String algorithm) {
            return new SecretKeySpec(engineGenerateSecret(), algorithm);
        }
    }
}

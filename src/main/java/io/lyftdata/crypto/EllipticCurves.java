package io.lyftdata.crypto;

import java.math.BigInteger;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.security.interfaces.XECPrivateKey;
import java.security.interfaces.XECPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import javax.crypto.KeyAgreementSpi;
import javax.crypto.SecretKey;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.jcajce.provider.asymmetric.ec.SignatureSpi;
import org.bouncycastle.jcajce.provider.asymmetric.edec.KeyPairGeneratorSpi;
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
        service("Signature", "SHA256withECDSA", SignatureSpi.ecDSA256.class);
        service("Signature", "SHA384withECDSA", SignatureSpi.ecDSA384.class);
        service("Signature", "Ed25519", org.bouncycastle.jcajce.provider.asymmetric.edec.SignatureSpi.Ed25519.class);
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

package io.lyftdata.crypto;

import java.security.Provider;
import java.security.Security;
import org.bouncycastle.jcajce.provider.asymmetric.ec.SignatureSpi;
import org.bouncycastle.jcajce.provider.asymmetric.edec.KeyPairGeneratorSpi;

/**
 * Bouncy Castle's arithmetic for what a TLS handshake does on elliptic curves, in front of the JDK's own, which takes two
 * to ten times as long (figures in {@code docs/BENCHMARKS.md}). All else stays with the JDK: its TLS, its certificates,
 * its keys, which this code takes as they are. A platform that demands signed providers passes this one over.
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
}

package io.lyftdata.certificate;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.dropwizard.jetty.HttpsConnectorFactory;
import io.lyftdata.crypto.EllipticCurves;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * The HTTPS connector: TLS 1.3 and 1.2 with forward secrecy and AEAD only (NIST SP 800-52r2, Mozilla intermediate
 * 5.7), its key material from memory.
 */
public final class TlsConnectorFactory extends HttpsConnectorFactory {
    private static final List<String> SUITES = List.of(
            "TLS_AES_256_GCM_SHA384",
            "TLS_AES_128_GCM_SHA256",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    static {
        // Read at the process's first handshake as a server. A client that renegotiates then gets a fatal alert (RFC
        // 5246,
        // 7.2.2); Jetty's own refusal is a close without one, which scanners cannot tell from consent.
        System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    }

    private final Supplier<Material> material;
    private final Optional<String> provider;

    /** @param provider that does the TLS with every kind of key but Ed25519; empty: the JDK's own */
    public TlsConnectorFactory(Supplier<Material> material, Optional<String> provider) {
        this.material = material;
        this.provider = provider;
        EllipticCurves.use();
        setSupportedProtocols(List.of("TLSv1.3", "TLSv1.2"));
        setSupportedCipherSuites(SUITES);
        // Hands it to the JDK, which refuses it: see above.
        setAllowRenegotiation(true);
        // Names that the certificate does not hold reach the server through tunnels and port forwards; whom to trust
        // is decided by the client.
        setDisableSniHostCheck(true);
    }

    @Override
    @JsonIgnore
    public boolean isValidKeyStorePath() {
        return true;
    }

    @Override
    @JsonIgnore
    public boolean isValidKeyStorePassword() {
        return true;
    }

    /** @param given our own once it serves, to be configured anew; Dropwizard's in the beginning */
    @Override
    protected SslContextFactory.Server configureSslContextFactory(SslContextFactory given) {
        SslContextFactory.Server factory =
                super.configureSslContextFactory(given instanceof Resuming ? given : new Resuming());
        Material offered = material.get();
        factory.setKeyStore(offered.keyStore());
        factory.setKeyStorePassword(Material.PASSWORD);
        factory.setUseCipherSuitesOrder(true);
        factory.setProvider(provider.filter(name -> !offered.isEdwards()).orElse(null));
        return factory;
    }

    private static final class Resuming extends SslContextFactory.Server {
        @Override
        public void customize(SSLEngine engine) {
            super.customize(engine);
            NativeTls.resume(engine);
        }
    }
}

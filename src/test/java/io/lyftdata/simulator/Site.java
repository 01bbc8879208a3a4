package io.lyftdata.simulator;

import io.lyftdata.crypto.EllipticCurves;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Where the server is and how it proves itself; safe for use by many threads. */
final class Site {
    private final InetSocketAddress address;
    private final SSLContext context;
    private final AtomicInteger calls = new AtomicInteger();

    private Site(InetSocketAddress address, SSLContext context) {
        this.address = address;
        this.context = context;
    }

    /** @param authority the file with the certificate of the server's authority */
    static Site of(int port, Path authority) throws IOException {
        try (InputStream pem = Files.newInputStream(authority)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            EllipticCurves.use();
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    null,
                    new TrustManager[] {new Once((X509ExtendedTrustManager) factory.getTrustManagers()[0])},
                    null);
            return new Site(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), context);
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    InetSocketAddress address() {
        return address;
    }

    /** A client's side of a new connection; none takes up the session of another, as those of other hosts could not. */
    SSLEngine engine() {
        SSLEngine engine =
                context.createSSLEngine(address.getAddress().getHostAddress(), calls.incrementAndGet() & 0xffff);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** Judges each leaf once: thousands of hosts each judge it on cores of their own, and here all share the server's. */
    private static final class Once extends X509ExtendedTrustManager {
        private final X509ExtendedTrustManager judge;
        private volatile X509Certificate good;

        Once(X509ExtendedTrustManager judge) {
            this.judge = judge;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            if (!chain[0].equals(good)) {
                judge.checkServerTrusted(chain, type, engine);
                good = chain[0];
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            judge.checkServerTrusted(chain, type, socket);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            judge.checkServerTrusted(chain, type);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            judge.checkClientTrusted(chain, type, engine);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            judge.checkClientTrusted(chain, type, socket);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            judge.checkClientTrusted(chain, type);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}

package io.lyftdata.testing;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** What a TLS server shows to whoever asks, believed or not. */
public record Served(List<X509Certificate> chain, String protocol, String suite) {

    /** By a handshake of its own, with the protocol. */
    public static Served at(InetSocketAddress address, String protocol) throws IOException {
        try (SSLSocket socket = connect(address, protocol)) {
            SSLSession session = socket.getSession();
            Certificate[] chain = session.getPeerCertificates();
            return new Served(
                    Arrays.stream(chain).map(X509Certificate.class::cast).toList(),
                    session.getProtocol(),
                    session.getCipherSuite());
        }
    }

    /** A connection over the protocol, after its handshake. */
    public static SSLSocket connect(InetSocketAddress address, String protocol) throws IOException {
        SSLSocket socket =
                (SSLSocket) everybody().getSocketFactory().createSocket(address.getAddress(), address.getPort());
        socket.setSoTimeout(60_000);
        socket.setEnabledProtocols(new String[] {protocol});
        socket.startHandshake();
        return socket;
    }

    private static SSLContext everybody() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Anybody()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Over TLS 1.3. */
    public static Served at(TestServer server) throws IOException {
        return at(new InetSocketAddress(server.url().getHost(), server.url().getPort()), "TLSv1.3");
    }

    public X509Certificate leaf() {
        return chain.get(0);
    }

    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}

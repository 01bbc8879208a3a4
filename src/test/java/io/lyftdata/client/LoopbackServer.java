package io.lyftdata.client;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.lyftdata.crypto.CertifiedKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A real server on a free port of 127.0.0.1, plain or over TLS with the chain that a test gives it. */
public final class LoopbackServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    private LoopbackServer(HttpServer server, HttpHandler handler) {
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/", handler);
        server.start();
    }

    public static LoopbackServer plain(HttpHandler handler) throws IOException {
        return new LoopbackServer(HttpServer.create(address(), 0), handler);
    }

    /** Presents the leaf and then those given. */
    public static LoopbackServer tls(HttpHandler handler, CertifiedKey leaf, X509Certificate... issuers)
            throws IOException, GeneralSecurityException {
        X509Certificate[] chain = new X509Certificate[issuers.length + 1];
        chain[0] = leaf.certificate();
        System.arraycopy(issuers, 0, chain, 1, issuers.length);
        // PKCS #12 would refuse a chain that is out of order.
        KeyStore store = KeyStore.getInstance("JKS");
        store.load(null, null);
        store.setKeyEntry("server", leaf.key(), new char[0], chain);
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(address(), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        return new LoopbackServer(server, handler);
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** @param scheme {@code http} or {@code https} */
    public String url(String scheme) {
        return scheme + "://127.0.0.1:" + port();
    }

    private static InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}

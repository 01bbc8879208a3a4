package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.api.certificate.Swap;
import io.lyftdata.testing.TestServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that comes again need not be shown the certificate again, until there is another. */
class ResumptionTest {
    private static final String REQUEST = "GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    @TempDir
    Path directory;

    /** Notes what it is shown: a resumed handshake shows nothing. */
    private static final class Shown implements X509TrustManager {
        private final List<X509Certificate> leaves = new ArrayList<>();

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {
            leaves.add(chain[0]);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    @Test
    void sessionsAreResumedOverBothProtocolsUntilTheCertificateIsAnother() throws Exception {
        checkResumption("");
    }

    @Test
    void conscryptResumesThemToo() throws Exception {
        checkResumption("tls-conscrypt: " + NativeTlsTest.conscrypt());
    }

    private void checkResumption(String settings) throws Exception {
        try (TestServer server = TestServer.startWith(directory.resolve("staging"), settings)) {
            Shown[] shown = {new Shown(), new Shown()};
            SSLContext[] clients = {client(shown[0]), client(shown[1])};
            List<String> protocols = List.of("TLSv1.3", "TLSv1.2");
            for (int i = 0; i < clients.length; i++) {
                for (int call = 0; call < 3; call++) {
                    call(server, clients[i], protocols.get(i));
                }
                assertThat(shown[i].leaves).as(protocols.get(i)).hasSize(1);
            }
            server.admin().post(Swap.PATH, null, Swap.class);
            for (int i = 0; i < clients.length; i++) {
                call(server, clients[i], protocols.get(i));
                assertThat(shown[i].leaves).as(protocols.get(i)).hasSize(2).doesNotHaveDuplicates();
            }
        }
    }

    private static SSLContext client(Shown shown) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {shown}, null);
        return context;
    }

    /** With a request: over TLS 1.3 the ticket comes behind the handshake. */
    private static void call(TestServer server, SSLContext client, String protocol) throws IOException {
        try (SSLSocket socket = (SSLSocket) client.getSocketFactory()
                .createSocket(server.url().getHost(), server.url().getPort())) {
            socket.setSoTimeout(60_000);
            socket.setEnabledProtocols(new String[] {protocol});
            socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 200");
            assertThat(socket.getSession().getProtocol()).isEqualTo(protocol);
        }
    }
}

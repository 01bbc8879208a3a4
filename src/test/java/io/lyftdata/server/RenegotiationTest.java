package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.testing.Served;
import io.lyftdata.testing.TestServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server in a process of its own: the JDK reads once whether it is to refuse. */
class RenegotiationTest {
    private static final String REQUEST = "GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n";

    @TempDir
    Path directory;

    @Test
    void aClientThatRenegotiatesGetsAFatalAlertAndOthersGoOn() throws IOException {
        try (TestServer server =
                        TestServer.spawn(directory.resolve("staging"), directory.resolve("console"), Map.of());
                SSLSocket first = connect(server);
                SSLSocket other = connect(server)) {
            ask(first);
            first.startHandshake();
            assertThatThrownBy(first.getInputStream()::read)
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("handshake_failure");
            ask(other);
        }
    }

    private static SSLSocket connect(TestServer server) throws IOException {
        return Served.connect(
                new InetSocketAddress(server.url().getHost(), server.url().getPort()), "TLSv1.2");
    }

    private static void ask(SSLSocket socket) throws IOException {
        socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
        StringBuilder answer = new StringBuilder();
        while (answer.indexOf("}") < 0) {
            int next = socket.getInputStream().read();
            assertThat(next).as(answer.toString()).isNotNegative();
            answer.append((char) next);
        }
        assertThat(answer.toString()).startsWith("HTTP/1.1 200");
    }
}

package io.lyftdata.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestServer;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class KeptConnectionTest {
    @Test
    void staysOpenForThoseWhoProvedWhoTheyAreAndForNobodyElse() throws IOException {
        TestServer server = TestServer.shared();
        RawClient raw = RawClient.of(server);
        try (Socket known = raw.connect("127.0.0.1");
                Socket stranger = raw.connect("127.0.0.1")) {
            ask(known, server, "Authorization: Bearer " + server.token("viewer"));
            ask(stranger, server, "Authorization: Bearer none");
            assertThat(text(stranger)).startsWith("HTTP/1.1 401");
            ask(known, server, "Connection: close");
            assertThat(text(known)).startsWith("HTTP/1.1 200").contains("HTTP/1.1 401");
        }
    }

    private static void ask(Socket socket, TestServer server, String header) throws IOException {
        String request =
                "GET /api/workers HTTP/1.1\r\nHost: " + server.url().getAuthority() + "\r\n" + header + "\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    }

    /** All that came, once the server has closed. */
    private static String text(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
}

package io.lyftdata.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class KeptConnectionTest {
    private static final int LONGER_THAN_A_STRANGER_MAY_IDLE = 18_000;

    @Test
    void staysOpenForThoseWhoProvedWhoTheyAreAndForNobodyElse() throws IOException {
        TestServer server = TestServer.shared();
        RawClient raw = RawClient.of(server);
        try (Socket known = raw.connect("127.0.0.1");
                Socket stranger = raw.connect("127.0.0.1")) {
            ask(known, server, "Authorization: Bearer " + server.token("viewer"));
            ask(stranger, server, "Authorization: Bearer none");
            stranger.setSoTimeout(LONGER_THAN_A_STRANGER_MAY_IDLE);
            assertThat(stranger.getInputStream().read()).isEqualTo(-1);
            known.setSoTimeout(3_000);
            assertThatThrownBy(() -> known.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        }
    }

    private static void ask(Socket socket, TestServer server, String credential) throws IOException {
        String request =
                "GET /api/workers HTTP/1.1\r\nHost: " + server.url().getAuthority() + "\r\n" + credential + "\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        assertThat(in.read()).isEqualTo('H');
        in.skipNBytes(in.available());
    }
}

package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The admin connector is for those who can read its token, on this host, and for no browser nor proxy. */
class AdminConnectorTest {
    private final TestServer server = TestServer.shared();
    private final RawClient raw = RawClient.plain(server.adminUrl());

    private int status(String method, String path, String... headers) throws IOException {
        return raw.call("127.0.0.1", method, path, "", headers).status();
    }

    private String token() throws IOException {
        return "Authorization: Bearer " + server.adminToken();
    }

    @Test
    void opensOnlyPingWithoutTheToken() throws IOException {
        assertThat(status("GET", "/ping")).isEqualTo(200);
        for (String path :
                List.of("/", "/healthcheck", "/metrics", "/threads", "/pprof", "/cpu-profile", "/tasks/gc")) {
            assertThat(status("GET", path)).as(path).isEqualTo(401);
            assertThat(status("POST", path)).as(path).isEqualTo(401);
            assertThat(status("GET", path, "Authorization: Bearer wrong"))
                    .as(path)
                    .isEqualTo(401);
            assertThat(status("GET", path, token(), token())).as(path).isNotEqualTo(200);
        }
        assertThat(status("GET", "/healthcheck", token())).isEqualTo(200);
        assertThat(status("GET", "/metrics", token())).isEqualTo(200);
    }

    @Test
    void refusesBrowsersAndProxiesEvenWithTheToken() throws IOException {
        for (String header : List.of(
                "Origin: https://example.org",
                "Origin: null",
                "X-Forwarded-For: 127.0.0.1",
                "X-Forwarded-Proto: https",
                "X-Real-IP: 127.0.0.1",
                "Forwarded: for=127.0.0.1",
                "Via: 1.1 proxy")) {
            assertThat(status("POST", "/tasks/gc", token(), header)).as(header).isEqualTo(403);
            assertThat(status("GET", "/ping", header)).as(header).isEqualTo(403);
        }
    }

    @Test
    void refusesForeignHosts() throws IOException {
        int port = server.adminUrl().getPort();
        for (String host :
                List.of("evil.example:" + port, "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:" + port, "")) {
            String request =
                    "GET /healthcheck HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + token() + "\r\n\r\n";
            int status = raw.send("127.0.0.1", request.getBytes(StandardCharsets.US_ASCII))
                    .orElseThrow()
                    .status();
            assertThat(status).as(host).isIn(400, 403);
        }
        String request = "GET /healthcheck HTTP/1.1\r\nHost: localhost:" + port + "\r\nConnection: close\r\n" + token()
                + "\r\n\r\n";
        assertThat(raw.send("127.0.0.1", request.getBytes(StandardCharsets.US_ASCII))
                        .orElseThrow()
                        .status())
                .isEqualTo(200);
    }

    @Test
    void takesNoArgumentsFromTheUrl() throws IOException {
        assertThat(status("POST", "/tasks/log-level?logger=x&level=DEBUG", token()))
                .isEqualTo(400);
    }
}

package io.lyftdata.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.type.TypeReference;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.lyftdata.api.Code;
import io.lyftdata.api.Heartbeat;
import io.lyftdata.api.Page;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.crypto.Issuer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ApiClientTest {
    @Test
    void writesAndReadsTheWiresJson() throws Exception {
        AtomicReference<String> sent = new AtomicReference<>();
        HttpHandler handler = exchange -> {
            sent.set(exchange.getRequestHeaders().getFirst("Authorization") + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            answer(
                    exchange,
                    200,
                    "{\"time\":\"2026-11-23T12:00:00.5Z\",\"nextMillis\":15000,\"keyDue\":false,\"caRevision\":\"1\","
                            + "\"fromTheFuture\":{}}");
        };
        try (LoopbackServer server = LoopbackServer.plain(handler)) {
            Heartbeat.Answer answer = client(server.url("http"))
                    .authorized("Bearer", new Secret("key"))
                    .post(
                            Heartbeat.PATH,
                            new Heartbeat.Request("1", 2, Map.of(), "none", Instant.ofEpochMilli(1), null, null),
                            Heartbeat.Answer.class);

            assertThat(answer.time()).isEqualTo("2026-11-23T12:00:00.500Z");
            assertThat(sent.get()).startsWith("Bearer key ").contains("\"time\":\"1970-01-01T00:00:00.001Z\"");
        }
    }

    @Test
    void escapesWhatAUserTyped() throws Exception {
        HttpHandler echo =
                exchange -> answer(exchange, 200, "{\"items\":[\"" + exchange.getRequestURI() + "\"],\"next\":null}");
        try (LoopbackServer server = LoopbackServer.plain(echo)) {
            Page<String> page = client(server.url("http"))
                    .get(
                            "/api/workers/" + ApiClient.segment("../a b?c"),
                            Map.of("cursor", "x&y=1"),
                            new TypeReference<>() {});

            assertThat(page.items()).containsExactly("/api/workers/..%2Fa%20b%3Fc?cursor=x%26y%3D1");
            assertThat(ApiClient.segment("..")).isEqualTo("%2E%2E");
        }
    }

    @Test
    void aRefusalCarriesTheServersReasonAndPatience() throws Exception {
        HttpHandler busy = exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "7");
            answer(
                    exchange,
                    503,
                    "{\"type\":\"about:blank\",\"title\":\"x\",\"status\":503,\"detail\":\"wait\\u001b[31m\","
                            + "\"code\":\"unavailable\",\"serverTime\":\"2026-11-23T12:00:00.000Z\"}");
        };
        try (LoopbackServer server = LoopbackServer.plain(busy)) {
            ApiFailure failure = catchThrowableOfType(
                    ApiFailure.class, () -> client(server.url("http")).delete("/api/keys/x"));

            assertThat(failure.status()).isEqualTo(503);
            assertThat(failure.is(Code.UNAVAILABLE)).isTrue();
            assertThat(failure.retryAfter()).contains(Duration.ofSeconds(7));
            assertThat(failure.problem().orElseThrow().facts()).containsKey("serverTime");
            assertThat(failure).hasMessage("wait [31m");
        }
    }

    @Test
    void anAnswerThatIsNotOursIsASentenceToo() throws Exception {
        for (int status : new int[] {200, 302, 404, 502}) {
            HttpHandler stranger = exchange -> {
                exchange.getResponseHeaders().set("Location", "http://127.0.0.1:1/");
                answer(exchange, status, "<html>");
            };
            try (LoopbackServer server = LoopbackServer.plain(stranger)) {
                assertThatThrownBy(() -> client(server.url("http")).get("/", Map.of(), Heartbeat.Answer.class))
                        .isInstanceOf(ApiFailure.class)
                        .hasMessageContaining(server.url("http"));
            }
        }
    }

    @Test
    void streamsLinesAndRefusals() throws Exception {
        HttpHandler handler = exchange -> answer(
                exchange, exchange.getRequestURI().getPath().equals("/yes") ? 200 : 403, "{\"a\":1}\n{\"a\":2}\n");
        try (LoopbackServer server = LoopbackServer.plain(handler)) {
            ApiClient client = client(server.url("http"));
            try (InputStream body = client.stream("/yes", Map.of())) {
                assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8))
                        .hasLineCount(2);
            }
            assertThatThrownBy(() -> client.stream("/no", Map.of()))
                    .isInstanceOf(ApiFailure.class)
                    .hasMessageContaining("403");
        }
    }

    @Test
    void nobodyListening() throws Exception {
        int port;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = taken.getLocalPort();
        }
        assertThatThrownBy(() -> client("https://127.0.0.1:" + port).delete("/"))
                .hasMessage("no server listens at https://127.0.0.1:" + port + "; is it running?");
    }

    @Test
    void anUnknownHostIsNamed() {
        assertThatThrownBy(() -> client("https://no-such-host.invalid:3000").delete("/"))
                .hasMessageContaining("host name no-such-host.invalid is unknown");
    }

    @Test
    void theWrongSchemeIsNamedBothWays() throws Exception {
        HttpHandler handler = exchange -> answer(exchange, 200, "{}");
        try (LoopbackServer server = LoopbackServer.plain(handler)) {
            assertThatThrownBy(() -> client(server.url("https")).delete("/"))
                    .hasMessageContaining("speaks plain HTTP: use " + server.url("http"));
        }
        Instant now = Instant.now();
        Duration day = Duration.ofDays(1);
        CertifiedKey leaf = Issuer.server(Issuer.authority("x", now, day), List.of("localhost"), now, day);
        try (LoopbackServer server = LoopbackServer.tls(handler, leaf)) {
            assertThatThrownBy(() -> client(server.url("http")).delete("/"))
                    .hasMessageContaining("speaks TLS: use " + server.url("https"));
        }
    }

    private static ApiClient client(String url) {
        return new ApiClient(new Endpoint(URI.create(url), Trust.ofJvm()));
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getRequestBody().readAllBytes();
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}

package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lyftdata.api.Settings.Change;
import io.lyftdata.api.Settings.Entry;
import io.lyftdata.api.Settings.Revision;
import io.lyftdata.api.Settings.Value;
import io.lyftdata.client.ApiClient;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The effective configuration of a running server, and its change while it runs. */
class ReloadTest {
    private static final String LOCAL = "127.0.0.1";
    private static final String FIXED = "bind-address: 127.0.0.1:0\nadmin-bind-address: 127.0.0.1:0\n";

    @TempDir
    Path directory;

    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        write("whitelist: [127.0.0.7]");
        restart();
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    private void write(String settings) throws IOException {
        Files.writeString(directory.resolve("c.yml"), FIXED + settings + "\n");
    }

    private void restart() throws IOException {
        if (server != null) {
            server.close();
        }
        server = TestServer.startOn(directory.resolve("c.yml"), directory.resolve("staging"));
    }

    private RawClient.Answer task(String name, String body, String... headers) throws IOException {
        String[] all =
                List.of(headers).isEmpty() ? new String[] {"Authorization: Bearer " + server.adminToken()} : headers;
        return RawClient.plain(server.adminUrl()).call(LOCAL, "POST", "/tasks/" + name, body, all);
    }

    private JsonNode reload() throws IOException {
        RawClient.Answer answer = task("reload-configuration", "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        return new ObjectMapper().readTree(answer.body());
    }

    private Revision effective(ApiClient admin) {
        return admin.get("/api/settings", Map.of(), Revision.class);
    }

    private static Entry entry(Revision revision, String key) {
        return revision.settings().stream()
                .filter(entry -> entry.key().equals(key))
                .findFirst()
                .orElseThrow();
    }

    private int scrape(String source) throws IOException {
        return RawClient.of(server)
                .call(source, "GET", "/api/workers/metrics", "", "Authorization: WHITELIST")
                .status();
    }

    @Test
    void showsEveryKeyWithItsOriginAndNoSecret() throws IOException {
        Revision now = effective(server.admin());
        assertThat(now.number()).isEqualTo(1);
        assertThat(entry(now, "whitelist")).isEqualTo(new Entry("whitelist", List.of("127.0.0.7"), "file"));
        assertThat(entry(now, "staging-dir").origin()).isEqualTo("flag");
        assertThat(entry(now, "log-retention-days")).isEqualTo(new Entry("log-retention-days", 30, "default"));
        assertThat(entry(now, "session.idle")).isEqualTo(new Entry("session.idle", "30m", "default"));
        assertThat(entry(now, "tls-cert")).isEqualTo(new Entry("tls-cert", null, "default"));
        Entry password = entry(now, "admin-init-password");
        assertThat(password.origin()).isEqualTo("variable");
        assertThat(password.value().toString()).startsWith("hmac-sha256:");
        assertThat(now.toString()).doesNotContain(TestServer.ADMIN_PASSWORD);
        restart();
        assertThat(effective(server.admin())).isEqualTo(now);
        write("whitelist: [127.0.0.7]\nbuilt-in-worker: false");
        restart();
        assertThat(effective(server.admin()).changes())
                .containsExactly(new Change("built-in-worker", new Value(false, "default"), new Value(false, "file")));
    }

    @Test
    void anAddressTakenOffTheListIsRefusedAtOnceOnAnOpenConnectionToo() throws IOException {
        try (Socket open = RawClient.of(server).connect("127.0.0.7")) {
            assertThat(scrape(open)).isEqualTo(200);
            write("whitelist: [127.0.0.8]");
            JsonNode answer = reload();
            assertThat(answer.at("/revision").asInt()).isEqualTo(2);
            assertThat(answer.at("/changes/0/key").asText()).isEqualTo("whitelist");
            assertThat(answer.at("/changes/0/before/value/0").asText()).isEqualTo("127.0.0.7");
            assertThat(answer.at("/changes/0/after/value/0").asText()).isEqualTo("127.0.0.8");
            assertThat(answer.at("/needsRestart")).isEmpty();
            assertThat(scrape(open)).isEqualTo(403);
        }
        assertThat(scrape("127.0.0.8")).isEqualTo(200);
        assertThat(effective(server.admin()).actor()).isEqualTo("host");
        restart();
        assertThat(effective(server.admin()).number()).isEqualTo(2);
    }

    @Test
    void aReadUnderWayEndsWhenItsAddressIsTakenOffTheList() throws Exception {
        TestWorker worker = TestWorker.enroll(server, "talker");
        for (int i = 0; i < OpenRequestsTest.BATCHES; i++) {
            OpenRequestsTest.send(worker);
        }
        try (Socket open = RawClient.of(server).connect("127.0.0.7")) {
            open.setReceiveBufferSize(16 * 1024);
            String request = "GET /api/workers/logs?limit=10000 HTTP/1.1\r\nHost: "
                    + server.url().getAuthority() + "\r\nAuthorization: WHITELIST\r\nConnection: close\r\n\r\n";
            open.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(open.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 200");
            write("whitelist: [127.0.0.8]");
            reload();
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () -> assertThat(server.log()).contains("a request under way was ended: address_refused"));
            open.setReceiveBufferSize(4 * 1024 * 1024);
            assertThat(OpenRequestsTest.drain(open))
                    .isLessThan(OpenRequestsTest.BATCHES * OpenRequestsTest.BATCH_BYTES);
        }
    }

    /** On a connection that stays open. */
    private int scrape(Socket open) throws IOException {
        String request = "GET /api/workers/metrics HTTP/1.1\r\nHost: "
                + server.url().getAuthority() + "\r\nAuthorization: WHITELIST\r\n\r\n";
        open.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        BufferedReader in = new BufferedReader(new InputStreamReader(open.getInputStream(), StandardCharsets.UTF_8));
        int status = Integer.parseInt(in.readLine().substring(9, 12));
        int length = 0;
        for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
            length = line.startsWith("Content-Length: ") ? Integer.parseInt(line.substring(16)) : length;
        }
        assertThat(in.skip(length)).isEqualTo(length);
        return status;
    }

    @Test
    void oneBadSettingAndNothingIsChanged() throws IOException {
        write("whitelist: [127.0.0.8]\nlog-retention-days: 0");
        RawClient.Answer answer = task("reload-configuration", "{}");
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.code()).isEqualTo("unprocessable");
        assertThat(answer.body())
                .contains("nothing was changed: ")
                .contains("log-retention-days: write a whole number from 1 to 3650");
        write("whitelist: [127.0.0.8]\ntrusted-proxies: [127.0.0.8]");
        assertThat(task("reload-configuration", "").status()).isEqualTo(422);
        Files.delete(directory.resolve("c.yml"));
        assertThat(task("reload-configuration", "").status()).isEqualTo(422);
        assertThat(scrape("127.0.0.7")).isEqualTo(200);
        assertThat(scrape("127.0.0.8")).isEqualTo(403);
        assertThat(effective(server.admin()).number()).isEqualTo(1);
    }

    @Test
    void whatOnlyARestartChangesIsNamedAndStaysAsItWas() throws IOException {
        write("whitelist: [127.0.0.8]\nsession: {idle: 5m}\nforwarded-header: Forwarded");
        JsonNode answer = reload();
        assertThat(answer.at("/needsRestart").toString()).isEqualTo("[\"forwarded-header\",\"session.idle\"]");
        assertThat(scrape("127.0.0.8")).isEqualTo(200);
        assertThat(entry(effective(server.admin()), "session.idle").value()).isEqualTo("30m");
        write(
                "whitelist: [127.0.0.7]\nsession: {idle: 5m}\ntls-cert: /etc/ours/server.crt\ntls-key: /etc/ours/server.key");
        assertThat(reload().at("/needsRestart").toString())
                .as("what is served stays until then")
                .isEqualTo("[\"tls-cert\",\"tls-key\",\"session.idle\"]");
        assertThat(scrape("127.0.0.7")).isEqualTo(200);
        write("session: {idle: 5m}");
        restart();
        assertThat(entry(effective(server.admin()), "session.idle").value()).isEqualTo("5m");
    }

    @Test
    void proxiesRetentionAndLogLevelFollow() throws IOException {
        Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        Level before = root.getLevel();
        try {
            write("trusted-proxies: [127.0.0.9]\nlog-level: warn\nlog-retention-days: 3"
                    + "\ndisk-usage-max-percentage: 95\nwhitelist: [127.0.0.7]");
            assertThat(reload().at("/needsRestart")).isEmpty();
            assertThat(root.getLevel()).isEqualTo(Level.WARN);
            RawClient.Answer answer = RawClient.of(server)
                    .call(
                            "127.0.0.9",
                            "GET",
                            "/api/workers/metrics",
                            "",
                            "Authorization: WHITELIST",
                            "X-Forwarded-For: 127.0.0.7");
            assertThat(answer.status()).isEqualTo(200);
        } finally {
            root.setLevel(before);
        }
    }

    @Test
    void aTaskIsRefusedAsTheApiRefuses() throws IOException {
        assertThat(task("reload-configuration", "{\"force\":true}").status()).isEqualTo(422);
        assertThat(task("reload-configuration", "[]").status()).isEqualTo(400);
        assertThat(task("reload-configuration", "null").status()).isEqualTo(400);
        assertThat(task("reload-configuration", "{").status()).isEqualTo(400);
        assertThat(task("reload-configuration", " ".repeat(70_000)).status()).isEqualTo(413);
        assertThat(task("reload-configuration", "", "Authorization: Bearer wrong")
                        .status())
                .isEqualTo(401);
        for (String other : List.of("log-level", "gc", "nothing", "")) {
            RawClient.Answer answer = task(other, "");
            assertThat(answer.status()).as(other).isEqualTo(404);
            assertThat(answer.body()).contains("reload-configuration").contains(answer.header("Request-Id"));
        }
        RawClient.Answer read = RawClient.plain(server.adminUrl())
                .call(LOCAL, "GET", "/tasks/reload-configuration", "", "Authorization: Bearer " + server.adminToken());
        assertThat(read.status()).isEqualTo(405);
    }
}

package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever callers send, the log is one escaped JSON object a line, and none of them writes a line of his own. */
class ServerLogTest {
    private static final String SOURCE = "127.0.11.1";
    private static final String FORGED = "{\"level\":\"INFO\",\"logger\":\"forged\",\"message\":\"forged\"}";
    private static final int LONGEST_LINE = 16 * 1024;
    private static final List<String> HOSTILE = List.of(
            "a\r\n" + FORGED,
            "a\n" + FORGED + "\nb",
            "a\r" + FORGED,
            "a\u2028" + FORGED + "\u2029\u0085b",
            "\u001b[2J\u001b]0;title\u0007" + FORGED,
            "\"," + FORGED,
            "\u0000\b\u007f\u009b31m\u202e",
            "x".repeat(64 * 1024));
    private static final List<String> PATHS = List.of(
            "/%s",
            "/api/workers/%s",
            "/api/workers/%s/isolate",
            "/api/workers/%s/logs",
            "/api/users/%s",
            "/api/tokens/%s",
            "/api/keys/%s",
            "/api/workers?cursor=%s");
    private static final List<String> BODIES = List.of(
            "/api/login {\"username\":%s,\"password\":%s}",
            "/api/users {\"name\":%s,\"password\":\"long enough for anybody\",\"role\":\"viewer\"}",
            "/api/users {\"name\":\"eva\",\"password\":\"long enough for anybody\",\"role\":%s}",
            "/api/tokens {\"name\":%s,\"role\":\"viewer\",\"expiresInSeconds\":60,\"sources\":[]}",
            "/api/tokens {\"name\":\"t\",\"role\":\"viewer\",\"expiresInSeconds\":60,\"sources\":[%s]}",
            "/api/workers {\"name\":%s,\"labels\":{%s:%s}}",
            "/api/workers/auto-enrollment {\"enabled\":true,\"enrollment_secret\":%s}",
            "/api/enroll {\"name\":%s,\"labels\":{},\"keyId\":%s,\"keyHash\":%s,\"identityKey\":%s,\"signature\":%s}",
            "/api/worker/heartbeat {\"version\":%s,\"uptimeSeconds\":1,\"labels\":{%s:%s},\"tlsMode\":%s,%s:1}");

    @TempDir
    static Path directory;

    private static TestServer server;
    private static RawClient raw;
    private static List<String> credentials;

    private final ObjectMapper json = new ObjectMapper();

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.spawn(
                directory.resolve("staging"), directory.resolve("console"), Map.of("log-level", "debug"));
        raw = RawClient.of(server);
        credentials = List.of(
                "Bearer " + server.token("admin"),
                "Bearer " + TestWorker.enroll(server, "logged").key().reveal(),
                "Enrollment " + TestWorker.secret(server));
    }

    @AfterAll
    static void end() throws IOException {
        server.close();
    }

    @Test
    void isOneEscapedObjectALineWhateverCallersSend() throws IOException {
        for (String hostile : HOSTILE) {
            inPathsAndHeaders(hostile);
            for (String line : BODIES) {
                String[] parts = line.split(" ", 2);
                String body = parts[1].replace("%s", json.writeValueAsString(hostile));
                for (String credential : credentials) {
                    call("POST", parts[0], body, "Authorization: " + credential);
                }
            }
        }
        assertLines(directory.resolve("console"));
        assertLines(server.staging().resolve("logs/server.log"));
    }

    private static void inPathsAndHeaders(String hostile) throws IOException {
        String encoded = URLEncoder.encode(hostile, StandardCharsets.UTF_8);
        for (String path : PATHS) {
            for (String text : List.of(hostile, encoded, encoded.substring(0, Math.min(6_000, encoded.length())))) {
                call("GET", path.replace("%s", text), "", "Authorization: " + credentials.get(0));
            }
        }
        call(hostile, "/api/health", "");
        for (String header : List.of("User-Agent", "X-Forwarded-For", "Referer", "Request-Id", "Lyftdata-Instance")) {
            call("GET", "/api/workers", "", header + ": " + hostile, "Authorization: " + credentials.get(0));
            call("GET", "/api/workers", "", header + ": " + encoded, "Authorization: " + credentials.get(0));
        }
        for (String credential : List.of("WHITELIST ", "Bearer ", "Enrollment ", "Basic ", "")) {
            call("GET", "/api/workers/metrics", "", "Authorization: " + credential + hostile);
        }
    }

    /** Many of these are refused before there is a request; that is fine too. */
    private static void call(String method, String path, String body, String... headers) throws IOException {
        StringBuilder request = new StringBuilder(method + " " + path + " HTTP/1.1\r\nConnection: close\r\nHost: "
                + server.url().getAuthority() + "\r\nContent-Type: application/json\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        request.append("Content-Length: ")
                .append(content.length)
                .append("\r\n\r\n")
                .append(body);
        raw.send(SOURCE, request.toString().getBytes(StandardCharsets.UTF_8))
                .ifPresent(answer -> assertThat(answer.status()).isNotEqualTo(500));
    }

    private void assertLines(Path file) throws IOException {
        String text = Files.readString(file);
        assertThat(text).endsWith("}\n");
        List<String> wrong = new ArrayList<>();
        String[] lines = text.split("\n", -1);
        for (int i = 0; i < lines.length - 1; i++) {
            if (!isOneObject(lines[i])) {
                wrong.add(lines[i].substring(0, Math.min(400, lines[i].length())));
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(lines).hasSizeGreaterThan(400);
    }

    private boolean isOneObject(String line) throws IOException {
        JsonNode object = json.readTree(line);
        return line.startsWith("{\"")
                && line.length() < LONGEST_LINE
                && line.chars().allMatch(c -> c >= 0x20 && c < 0x7f)
                && object.hasNonNull("level")
                && !object.get("logger").textValue().equals("forged");
    }
}

package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.api.Login;
import io.lyftdata.api.Workers.Add;
import io.lyftdata.api.Workers.IssuedKey;
import io.lyftdata.client.ApiClient;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets go through every route, right and wrong, at the level trace; then they must be found nowhere. */
class CanaryTest {
    private static final String LOCAL = "127.0.0.1";
    private static final String WRONG = "canary-9b1d54f2e07c";
    private static final Pattern ROW = Pattern.compile("\\| ([A-Z]+) \\| `(/[^`]*)` \\|.*");

    @TempDir
    static Path directory;

    private static TestServer server;
    private static RawClient raw;
    /** What nobody may find, by its name. */
    private static final Map<String, String> SECRETS = new LinkedHashMap<>();
    /** {@code Authorization} values that carry them. */
    private static final List<String> CREDENTIALS = new ArrayList<>();

    private static final List<String> ANSWERS = new ArrayList<>();

    @BeforeAll
    static void startAndIssue() throws IOException {
        server = TestServer.spawn(
                directory.resolve("staging"), directory.resolve("console"), Map.of("log-level", "trace"));
        raw = RawClient.of(server);
        ApiClient admin = server.admin();
        Login.Answer session = server.client()
                .post("/api/login", new Login.Request("admin", TestServer.ADMIN_PASSWORD), Login.Answer.class);
        SECRETS.put("wrong", WRONG);
        SECRETS.put("password", TestServer.ADMIN_PASSWORD);
        SECRETS.put("enrollment secret", TestWorker.secret(server));
        SECRETS.put("session", session.token());
        SECRETS.put("token", server.token("admin"));
        TestWorker worker = TestWorker.enroll(server, "canary");
        worker.beat();
        SECRETS.put("worker key", worker.key().reveal());
        SECRETS.put(
                "bootstrap key",
                admin.post("/api/workers", new Add("canary-2", Map.of()), IssuedKey.class)
                        .key());
        SECRETS.put("unknown key", KeyString.generate(KeyString.Kind.API_TOKEN).reveal());
        SECRETS.put("admin token", server.adminToken());
        for (String secret : SECRETS.values()) {
            CREDENTIALS.add("Bearer " + secret);
        }
        CREDENTIALS.add("Enrollment " + TestWorker.secret(server));
        CREDENTIALS.add("WHITELIST " + WRONG);
        CREDENTIALS.add("Basic " + WRONG);
    }

    @AfterAll
    static void end() throws IOException {
        server.close();
    }

    private static void call(String method, String path, String body, String... headers) throws IOException {
        RawClient.Answer answer = raw.call(LOCAL, method, path, body, headers);
        ANSWERS.add(answer.head() + "\n\n" + answer.body());
    }

    private static List<String[]> routes() throws IOException {
        List<String[]> routes = new ArrayList<>(List.of(
                new String[] {"GET", "/"}, new String[] {"POST", "/api/nothing"}, new String[] {"TRACE", "/api/health"
                }));
        for (String line : Files.readAllLines(Path.of("docs/api.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                routes.add(new String[] {row.group(1), row.group(2)});
            }
        }
        return routes;
    }

    private static String path(String pattern, String id) {
        return pattern.replaceAll("\\{[a-z]+}", id);
    }

    /** Right types, wrong types, broken text. */
    private static List<String> bodies(String secret) {
        return List.of(
                "{\"username\":\"admin\",\"password\":\"" + secret + "\"}",
                "{\"username\":\"nobody\",\"password\":[\"" + secret + "\"]}",
                "{\"name\":{\"x\":\"" + secret + "\"},\"labels\":\"" + secret + "\",\"time\":\"" + secret + "\"}",
                "{\"enabled\":\"" + secret + "\",\"enrollment_secret\":{\"a\":\"" + secret + "\"}}",
                "{\"password\":\"" + secret + "\",\"keyHash\":\"" + secret + "\"",
                secret);
    }

    @Test
    void noSecretIsFoundAnywhere() throws IOException {
        for (String[] route : routes()) {
            for (String credential : CREDENTIALS) {
                call(route[0], path(route[1], "nobody"), "", "Authorization: " + credential, "Cookie: a=" + WRONG);
            }
            for (String key : List.of(SECRETS.get("token"), SECRETS.get("admin token"))) {
                call(route[0], path(route[1], key), "", "Authorization: Bearer " + SECRETS.get("token"));
                call(route[0], path(route[1], "nobody") + "/" + key, "", "Referer: " + key);
            }
            call(
                    route[0],
                    path(route[1], "nobody") + "?limit=" + WRONG,
                    "",
                    "Authorization: Bearer " + SECRETS.get("token"));
            call(
                    route[0],
                    path(route[1], "nobody") + "?token=" + WRONG,
                    "",
                    "X-Api-Key: " + WRONG,
                    "User-Agent: " + WRONG);
            for (String body : bodies(WRONG)) {
                for (String credential : List.of("token", "worker key", "bootstrap key")) {
                    call(
                            route[0],
                            path(route[1], "nobody"),
                            body,
                            "Authorization: Bearer " + SECRETS.get(credential),
                            "Content-Type: application/json");
                }
            }
        }
        for (String type : List.of("text/plain", "application/x-ndjson")) {
            String path = type.equals("text/plain") ? "/api/worker/metrics" : "/api/worker/logs";
            String method = type.equals("text/plain") ? "PUT" : "POST";
            String worker = "Authorization: Bearer " + SECRETS.get("worker key");
            String instance = "Lyftdata-Instance: " + "a".repeat(32);
            String batch = "Lyftdata-Batch: " + "b".repeat(32);
            call(method, path, WRONG, worker, instance, batch, "Content-Type: " + type, "Content-Encoding: gzip");
            call(method, path, "{} " + WRONG, worker, instance, batch, "Content-Type: " + type);
        }
        assertThat(ANSWERS).anyMatch(answer -> answer.contains(" 422 ")).noneMatch(answer -> answer.contains(" 500 "));
        assertNowhere();
    }

    private static void assertNowhere() throws IOException {
        List<String> found = new ArrayList<>();
        Map<String, String> places = new LinkedHashMap<>();
        places.put("answers", String.join("\n", ANSWERS));
        places.put("console", Files.readString(directory.resolve("console")));
        places.put("standard error", Files.readString(directory.resolve("console.err")));
        for (Path file : TestServer.files(server.staging())) {
            boolean isSearched = !file.startsWith(server.staging().resolve("native")) && !file.endsWith("admin.token");
            if (isSearched && Files.isRegularFile(file)) {
                text(file).ifPresent(text -> places.put(file.toString(), text));
            }
        }
        RawClient operator = RawClient.plain(server.adminUrl());
        places.put(
                "admin metrics",
                operator.call(LOCAL, "GET", "/metrics", "", "Authorization: Bearer " + server.adminToken())
                        .body());
        places.forEach((place, text) -> SECRETS.forEach((name, secret) -> {
            int at = text.indexOf(secret);
            if (at >= 0) {
                found.add(name + " in " + place + ": " + text.substring(Math.max(0, at - 200), at));
            }
        }));
        assertThat(found).isEmpty();
    }

    /** Empty for a file that has gone since. */
    private static Optional<String> text(Path file) throws IOException {
        try {
            return Optional.of(Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }
}

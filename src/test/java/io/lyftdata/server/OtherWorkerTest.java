package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.api.LogLine;
import io.lyftdata.api.Workers.Add;
import io.lyftdata.api.Workers.IssuedKey;
import io.lyftdata.client.ApiClient;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.RawClient.Answer;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A worker that names another in path, query, header or body: it sees and changes nothing of the other. */
class OtherWorkerTest {
    private static final Pattern ROW = Pattern.compile("\\| [A-Z]+ \\| `(/[^`]*)` \\|.*");
    private static final String SOURCE = "127.0.10.1";
    private static final String OTHERS_OWN = "only-the-other-knows";

    private final TestServer server = TestServer.shared();
    private final RawClient raw = RawClient.of(server);
    private final ApiClient admin = server.admin();
    private final TestWorker mine = TestWorker.enroll(server, "s12-mine");
    private final TestWorker other = TestWorker.enroll(server, "s12-other");
    private final IssuedKey waiting =
            admin.post("/api/workers", new Add("s12-waiting", Map.of("note", OTHERS_OWN)), IssuedKey.class);

    @Test
    void noWorkerReachesAnother() throws IOException {
        tell();
        String before = whatIsKept();
        List<String> wrong = new ArrayList<>();
        for (String pattern : paths()) {
            for (String victim : List.of(other.id(), other.key().id(), waiting.workerId(), waiting.keyId())) {
                for (String method : List.of("GET", "HEAD", "POST", "PUT", "DELETE")) {
                    for (String body : bodies(victim)) {
                        Answer answer = call(method, pattern, victim, body);
                        boolean isPassedBy = answer.status() == 403 || answer.status() == 405;
                        if (answer.toString().contains(OTHERS_OWN)
                                || answer.status() >= 500
                                || (pattern.contains("{") && !isPassedBy)) {
                            wrong.add(method + " " + pattern + " of " + victim + " " + body + " => " + answer);
                        }
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(whatIsKept()).isEqualTo(before);
    }

    /** Of the other worker: metrics, a log line, a claim. */
    private void tell() {
        Map<String, String> batch = Map.of("Content-Type", LogLine.MEDIA_TYPE, LogLine.BATCH_HEADER, "c".repeat(32));
        other.beat();
        other.api()
                .send(
                        "PUT",
                        "/api/worker/metrics",
                        Map.of(),
                        Map.of("Content-Type", "text/plain"),
                        bytes("a{b=\"" + OTHERS_OWN + "\"} 1\n"));
        other.api()
                .send(
                        "POST",
                        "/api/worker/logs",
                        Map.of(),
                        batch,
                        bytes("{\"time\":\"2026-11-24T00:00:00Z\",\"message\":\"" + OTHERS_OWN + "\"}\n"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private String whatIsKept() {
        StringBuilder kept = new StringBuilder();
        for (String id : List.of(other.id(), waiting.workerId())) {
            for (String part : List.of("", "/keys", "/metrics", "/logs")) {
                byte[] body = admin.send("GET", "/api/workers/" + id + part, Map.of(), Map.of(), new byte[0])
                        .body();
                kept.append(new String(body, StandardCharsets.UTF_8)).append('\n');
            }
        }
        assertThat(kept).contains(OTHERS_OWN);
        return withoutPassingTime(kept.toString());
    }

    /** On a slow machine the other falls silent meanwhile, by its own doing. */
    private static String withoutPassingTime(String kept) {
        return kept.replace("\"state\":\"online\"", "\"state\":\"offline\"")
                .replaceAll("(lyftdata_worker_up\\{[^}]*}) 1", "$1 0");
    }

    private static Set<String> paths() throws IOException {
        Set<String> paths = new TreeSet<>();
        for (String line : Files.readAllLines(Path.of("docs/api.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                paths.add(row.group(1));
            }
        }
        assertThat(paths).hasSizeGreaterThan(15).contains("/api/worker/logs", "/api/workers/{id}/keys");
        return paths;
    }

    /** The victim wherever a body might name a worker or a key. */
    private static List<String> bodies(String victim) {
        String names = "";
        for (String field : List.of("worker", "workerId", "worker_id", "id", "name", "keyId", "username")) {
            names += "\"" + field + "\":\"" + victim + "\",";
        }
        String beat = "\"version\":\"1\",\"uptimeSeconds\":1,\"labels\":{\"worker\":\"" + victim
                + "\"},\"tlsMode\":\"ca\",\"time\":\"2026-11-24T00:00:00.000Z\"";
        String key = "\"keyHash\":\"" + "0".repeat(64) + "\",\"identityKey\":\"\",\"signature\":\"\"";
        return List.of("{" + names + beat + "}", "{" + names + key + ",\"time\":1}");
    }

    private Answer call(String method, String pattern, String victim, String body) throws IOException {
        String path = pattern.replaceAll("\\{[^}]*}", victim) + "?worker=" + victim + "&id=" + victim;
        boolean isMetrics = pattern.equals("/api/worker/metrics");
        boolean isLogs = pattern.equals("/api/worker/logs");
        String type = isMetrics ? "text/plain" : isLogs ? LogLine.MEDIA_TYPE : "application/json";
        return raw.call(
                SOURCE,
                method,
                path,
                isMetrics ? "a{worker=\"" + victim + "\",id=\"" + victim + "\"} 2\n" : body,
                "Authorization: Bearer " + mine.key().reveal(),
                "Content-Type: " + type,
                "Lyftdata-Worker: " + victim,
                "X-Worker-Id: " + victim,
                "Lyftdata-Instance: " + "a".repeat(32),
                "Lyftdata-Batch: " + Randomness.hex(128));
    }
}

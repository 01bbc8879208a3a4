package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import io.lyftdata.api.Accounts.IssueToken;
import io.lyftdata.api.Accounts.IssuedToken;
import io.lyftdata.api.Heartbeat;
import io.lyftdata.api.LogLine;
import io.lyftdata.api.Page;
import io.lyftdata.api.Workers.Add;
import io.lyftdata.api.Workers.IssuedKey;
import io.lyftdata.client.ApiClient;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server is killed again and again while it takes writes: what it acknowledged is there, and nothing nobody sent. */
class KillTest {
    private static final int ROUNDS = Integer.getInteger("lyftdata.killRounds", 6);
    private static final int WRITERS = 4;
    /** On a quiet machine it is 10 s. */
    private static final Duration READY_WITHIN = Duration.ofSeconds(60);

    private static final Pattern MESSAGE = Pattern.compile("\"message\":\"([^\"]*)\"");

    @TempDir
    Path directory;

    private final Random random = new Random(20261125);
    /** What was sent and what was acknowledged, such as {@code token 3-1-7}. */
    private final Set<String> sent = ConcurrentHashMap.newKeySet();

    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private volatile boolean killed;

    @Test
    void whatWasAcknowledgedOutlivesEveryKill() throws Exception {
        TestServer server = spawn();
        TestWorker worker = TestWorker.enroll(server, "writer");
        for (int round = 0; round < ROUNDS; round++) {
            writeUntilKilled(server, worker, round);
            long start = System.nanoTime();
            server = spawn();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(READY_WITHIN);
            Set<String> stored = stored(server.admin());
            assertThat(stored).as("round " + round).containsAll(acknowledged);
            assertThat(sent).as("round " + round).containsAll(stored);
        }
        server.close();
        assertThat(acknowledged).hasSizeGreaterThan(ROUNDS * 20);
    }

    private TestServer spawn() throws IOException {
        return TestServer.spawn(directory.resolve("staging"), directory.resolve("console"), Map.of());
    }

    private void writeUntilKilled(TestServer server, TestWorker worker, int round) throws Exception {
        ApiClient admin = server.admin();
        ApiClient ofWorker = server.client()
                .authorized("Bearer", new Secret(worker.key().reveal()))
                .with(Heartbeat.INSTANCE_HEADER, Randomness.hex(128));
        CountDownLatch enough = new CountDownLatch(20 + random.nextInt(60));
        killed = false;
        ExecutorService pool = Executors.newFixedThreadPool(WRITERS);
        List<Future<?>> writers = new ArrayList<>();
        for (int w = 0; w < WRITERS; w++) {
            String name = round + "-" + w + "-";
            writers.add(pool.submit(() -> {
                for (int i = 0; !killed; i++) {
                    write(admin, ofWorker, name + i);
                    enough.countDown();
                }
            }));
        }
        try {
            assertThat(enough.await(120, TimeUnit.SECONDS)).isTrue();
        } finally {
            killed = true;
            server.close();
            pool.shutdown();
        }
        for (Future<?> writer : writers) {
            writer.get(120, TimeUnit.SECONDS);
        }
    }

    private void write(ApiClient admin, ApiClient worker, String name) {
        attempt("worker w" + name, () -> admin.post("/api/workers", new Add("w" + name, Map.of()), IssuedKey.class));
        attempt("line " + name, () -> {
            Map<String, String> headers =
                    Map.of("Content-Type", LogLine.MEDIA_TYPE, LogLine.BATCH_HEADER, Randomness.hex(128));
            String line = "{\"time\":\"2026-11-24T00:00:00Z\",\"level\":\"info\",\"message\":\"" + name + "\"}";
            worker.send("POST", "/api/worker/logs", Map.of(), headers, line.getBytes(StandardCharsets.UTF_8));
        });
        attempt("token " + name, () -> {
            IssuedToken token =
                    admin.post("/api/tokens", new IssueToken(name, "viewer", 3600, List.of()), IssuedToken.class);
            attempt("revoked " + name, () -> admin.delete("/api/tokens/" + token.id()));
        });
    }

    /** A write that fails may have been done or not, but only the kill may be its reason. */
    private void attempt(String write, Runnable call) {
        if (!killed) {
            sent.add(write);
            try {
                call.run();
                acknowledged.add(write);
            } catch (RuntimeException e) {
                if (!killed) {
                    throw e;
                }
            }
        }
    }

    private static Set<String> stored(ApiClient admin) throws IOException {
        Set<String> stored = new TreeSet<>();
        for (JsonNode worker : all(admin, "/api/workers")) {
            if (worker.get("id").textValue().startsWith("w")
                    && !worker.get("id").textValue().equals("writer")) {
                stored.add("worker " + worker.get("id").textValue());
            }
        }
        for (JsonNode token : all(admin, "/api/tokens")) {
            stored.add("token " + token.get("name").textValue());
            if (token.get("state").textValue().equals("revoked")) {
                stored.add("revoked " + token.get("name").textValue());
            }
        }
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                admin.stream("/api/workers/logs", Map.of("since", "1970-01-01T00:00:00Z", "limit", 10_000)),
                StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher message = MESSAGE.matcher(line);
                assertThat(message.find()).as(line).isTrue();
                assertThat(stored.add("line " + message.group(1)))
                        .as("stored once")
                        .isTrue();
            }
        }
        return stored;
    }

    private static List<JsonNode> all(ApiClient admin, String path) {
        List<JsonNode> items = new ArrayList<>();
        String cursor = "";
        do {
            Map<String, Object> query =
                    cursor.isEmpty() ? Map.of("limit", 1000) : Map.of("limit", 1000, "cursor", cursor);
            Page<JsonNode> page = admin.get(path, query, new TypeReference<>() {});
            items.addAll(page.items());
            cursor = page.next() == null ? "" : page.next();
        } while (!cursor.isEmpty());
        return items;
    }
}

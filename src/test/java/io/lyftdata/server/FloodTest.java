package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lyftdata.client.ApiClient;
import io.lyftdata.client.ApiFailure;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.RawClient.Answer;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Too much, too deep, too slow: refused early, while everybody else is served and memory stays flat. */
class FloodTest {
    private static final int CONNECTIONS = Integer.getInteger("lyftdata.slowConnections", 300);
    private static final long WATCH_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final String SOURCE = "127.0.7.1";
    private static final String SLOW = "127.0.7.2";
    private static final int MIB = 1024 * 1024;
    private static final Map<String, String> TEXT = Map.of("Content-Type", "text/plain");
    private static final List<String> BODY_ROUTES = List.of(
            "POST /api/worker/logs", "PUT /api/worker/metrics", "POST /api/worker/heartbeat", "POST /api/login");

    @TempDir
    private static Path directory;

    private static TestServer server;
    private static RawClient raw;
    private static String worker;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start(directory.resolve("staging"), Map.of());
        raw = RawClient.of(server);
        worker = "Authorization: Bearer "
                + TestWorker.enroll(server, "flood").key().reveal();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static String head(String route, String authorization, String... headers) {
        boolean isLogs = route.endsWith("/logs");
        String type = isLogs ? "application/x-ndjson" : route.endsWith("/metrics") ? "text/plain" : "application/json";
        return route + " HTTP/1.1\r\nHost: " + server.url().getAuthority() + "\r\n" + authorization
                + "\r\nLyftdata-Instance: " + "a".repeat(32) + "\r\nLyftdata-Batch: " + "b".repeat(32)
                + "\r\nContent-Type: " + type + "\r\nConnection: close\r\n" + String.join("\r\n", headers)
                + "\r\n\r\n";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] gzip(byte[] plain, int times) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            for (int i = 0; i < times; i++) {
                out.write(plain);
            }
        }
        return packed.toByteArray();
    }

    private static void assertMemoryIsBackAt(long before) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(usedHeap() - before).isLessThan(32L * MIB));
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    @Test
    void takesNoHugeBody() throws IOException {
        long before = usedHeap();
        for (String route : BODY_ROUTES) {
            for (String authorization : List.of("X-Nothing: here", worker)) {
                Answer announced = raw.send(SOURCE, bytes(head(route, authorization, "Content-Length: " + 100 * MIB)))
                        .orElseThrow();
                assertThat(announced.status()).as(route).isEqualTo(413);
                assertThat(sentUntilCutOff(head(route, authorization, "Transfer-Encoding: chunked")))
                        .as(route + " with " + authorization)
                        .isLessThan(100);
            }
        }
        assertMemoryIsBackAt(before);
    }

    /** Sends up to 100 chunks of one MiB; answers after how many the server had closed. */
    private static int sentUntilCutOff(String head) throws IOException {
        byte[] chunk = new byte[MIB];
        Arrays.fill(chunk, (byte) ' ');
        try (Socket socket = raw.connect(SOURCE)) {
            OutputStream out = socket.getOutputStream();
            out.write(bytes(head));
            for (int sent = 0; sent < 100; sent++) {
                try {
                    out.write(bytes("100000\r\n"));
                    out.write(chunk);
                    out.write(bytes("\r\n"));
                } catch (IOException e) {
                    return sent;
                }
            }
            return 100;
        }
    }

    @Test
    void tellsAClientThatIsStillSendingWhyItIsRefused() {
        ApiClient stranger = server.client()
                .authorized(
                        "Bearer",
                        new Secret(KeyString.generate(KeyString.Kind.WORKER).reveal()));
        byte[] body = new byte[4 * MIB];
        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(() -> stranger.send("PUT", "/api/worker/metrics", Map.of(), TEXT, body))
                    .isInstanceOfSatisfying(
                            ApiFailure.class,
                            failure -> assertThat(failure.status()).isEqualTo(401));
        }
    }

    @Test
    void readsOnAfterARefusalOfTheHead() throws IOException {
        try (Socket socket = raw.connect(SOURCE)) {
            OutputStream out = socket.getOutputStream();
            String head = head("PUT /api/worker/metrics", worker, "Content-Length: " + 4 * MIB);
            out.write(bytes(head.replace("text/plain", "/")));
            assertThat(socket.getInputStream().readNBytes(12)).isEqualTo(bytes("HTTP/1.1 400"));
            assertThatCode(() -> out.write(new byte[4 * MIB])).doesNotThrowAnyException();
        }
    }

    @Test
    void refusesBombsAndBrokenBodies() throws IOException {
        byte[] bomb = gzip(new byte[MIB], 50);
        byte[] broken = Arrays.copyOf(bomb, 40);
        byte[] notGzip = bytes("no gzip at all");
        byte[] deep = bytes("[".repeat(10_000));
        byte[] deepObject = bytes("{\"labels\":".repeat(6_000));
        long before = usedHeap();
        for (String route : BODY_ROUTES) {
            boolean packs = route.endsWith("logs") || route.endsWith("metrics");
            for (String authorization : List.of("X-Nothing: here", worker)) {
                assertThat(status(route, authorization, bomb, true)).isIn(packs ? List.of(401, 413) : List.of(415));
                assertThat(status(route, authorization, broken, true)).isIn(400, 401, 415);
                assertThat(status(route, authorization, notGzip, true)).isIn(400, 401, 415);
                assertThat(status(route, authorization, deep, false)).isIn(400, 401, 422);
                assertThat(status(route, authorization, deepObject, false)).isIn(400, 401, 422);
            }
        }
        assertMemoryIsBackAt(before);
    }

    private static int status(String route, String authorization, byte[] body, boolean gzip) throws IOException {
        String head = head(
                route,
                authorization,
                gzip ? "Content-Encoding: gzip" : "X-Plain: yes",
                "Content-Length: " + body.length);
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.write(bytes(head));
        request.write(body);
        return raw.send(SOURCE, request.toByteArray()).orElseThrow().status();
    }

    @Test
    void waitsForASlowBodyButNotForADrippingOne() throws IOException {
        assertThat(drip("{", 4)).contains(" 400 ");
        assertThat(drip("{", 1000)).contains(" 408 ", "request_timeout");
    }

    /** Sends a body of blanks, one each quarter of a second, until the server answers. */
    private static String drip(String first, int length) throws IOException {
        try (Socket socket = raw.connect(SLOW)) {
            socket.setSoTimeout(250);
            OutputStream out = socket.getOutputStream();
            out.write(bytes(head("POST /api/login", "X-Nothing: here", "Content-Length: " + length) + first));
            for (int sent = 1; ; sent++) {
                try {
                    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                } catch (SocketTimeoutException e) {
                    assertThat(sent).as("blanks until it is cut off").isLessThan(60);
                    if (sent < length) {
                        out.write(' ');
                    }
                }
            }
        }
    }

    @Test
    void servesOthersWhileManyAreSlow() throws IOException {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                Socket socket = raw.connect(SLOW);
                slow.add(socket);
                socket.getOutputStream().write(bytes(beginning(i)));
            }
            int good = 0;
            int all = 0;
            for (long start = System.nanoTime(); all < 20 || System.nanoTime() - start < WATCH_NANOS; all++) {
                good += raw.call(SOURCE, "GET", "/api/health", "").status() == 200 ? 1 : 0;
                drip(slow);
            }
            assertThat(good).isGreaterThanOrEqualTo(all * 99 / 100);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    /** A head that does not end, a body that does not come, or answers that nobody reads. */
    private static String beginning(int i) {
        return switch (i % 3) {
            case 0 -> "GET /api/health HTTP/1.1\r\nHost: h\r\nX-A: ";
            case 1 -> head("POST /api/login", "X-Nothing: here", "Content-Length: 1000") + "{";
            default -> ("GET /api/ca HTTP/1.1\r\nHost: " + server.url().getAuthority() + "\r\n\r\n").repeat(50);
        };
    }

    private static void drip(List<Socket> slow) {
        for (int i = 0; i < slow.size(); i++) {
            try {
                if (i % 3 < 2) {
                    slow.get(i).getOutputStream().write(' ');
                }
            } catch (IOException e) {
                // Cut off: that is what the server is there to do.
            }
        }
    }
}

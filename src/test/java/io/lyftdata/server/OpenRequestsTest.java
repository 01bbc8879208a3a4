package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.api.LogLine;
import io.lyftdata.api.Workers.Isolate;
import io.lyftdata.api.Workers.View;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is under way when a credential ends is not finished with it. */
class OpenRequestsTest {
    private static final int LINES = 1500;
    private static final String TEXT = "x".repeat(5000);
    static final int BATCHES = 4;
    static final long BATCH_BYTES = (long) LINES * TEXT.length();

    @TempDir
    static Path directory;

    /** Of its own: what the log tells goes to the server of this process that was started last. */
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start(directory.resolve("staging"), Map.of());
    }

    @AfterAll
    static void end() throws IOException {
        server.close();
    }

    /** A batch of some megabytes. */
    static void send(TestWorker worker) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream lines = new GZIPOutputStream(bytes)) {
            for (int i = 0; i < LINES; i++) {
                lines.write(("{\"time\":\"2026-11-24T00:00:00Z\",\"message\":\"" + TEXT + "\"}\n")
                        .getBytes(StandardCharsets.UTF_8));
            }
        }
        Map<String, String> headers = Map.of(
                "Content-Type",
                LogLine.MEDIA_TYPE,
                "Content-Encoding",
                "gzip",
                LogLine.BATCH_HEADER,
                Randomness.hex(128));
        worker.api().send("POST", "/api/worker/logs", Map.of(), headers, bytes.toByteArray());
    }

    private static void ask(Socket socket, String line, String... headers) throws IOException {
        String head = line + " HTTP/1.1\r\nHost: " + server.url().getAuthority() + "\r\n" + String.join("\r\n", headers)
                + "\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    }

    /** How much comes until the end, whatever the end is. */
    static long drain(Socket socket) {
        long bytes = 0;
        try {
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                bytes += read;
            }
        } catch (IOException e) {
            return bytes;
        }
        return bytes;
    }

    @Test
    void aLogThatIsBeingReadEndsWithItsToken() throws Exception {
        TestWorker worker = TestWorker.enroll(server, "stream-1");
        for (int i = 0; i < BATCHES; i++) {
            send(worker);
        }
        String token = server.token("viewer");
        String id = KeyString.parse(token).orElseThrow().id();
        try (Socket socket = RawClient.of(server).connect("127.0.14.1")) {
            socket.setReceiveBufferSize(16 * 1024);
            ask(
                    socket,
                    "GET /api/workers/stream-1/logs?limit=10000",
                    "Authorization: Bearer " + token,
                    "Connection: close");
            assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 200");
            server.admin().delete("/api/tokens/" + id);
            long begin = System.nanoTime();
            await("a request under way was ended: key_revoked");
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
            socket.setReceiveBufferSize(4 * 1024 * 1024);
            assertThat(drain(socket)).isLessThan(BATCHES * BATCH_BYTES);
            await("GET /api/workers/stream-1/logs 200 ");
            assertThat(server.log()).as("no stack trace about it").doesNotContain("ClosedChannelException");
        }
    }

    @Test
    void aWorkerThatIsSendingIsCutOffWhenItIsIsolated() throws Exception {
        TestWorker worker = TestWorker.enroll(server, "stream-2");
        try (Socket socket = RawClient.of(server).connect("127.0.14.2")) {
            ask(
                    socket,
                    "POST /api/worker/logs",
                    "Authorization: Bearer " + worker.key().reveal(),
                    "Content-Type: " + LogLine.MEDIA_TYPE,
                    LogLine.BATCH_HEADER + ": " + Randomness.hex(128),
                    "Content-Length: 1000000",
                    "Expect: 100-continue");
            String goOn = "HTTP/1.1 100 Continue\r\n\r\n";
            assertThat(new String(socket.getInputStream().readNBytes(goOn.length()), StandardCharsets.US_ASCII))
                    .as("it is judged, and its body is wanted")
                    .isEqualTo(goOn);
            OutputStream out = socket.getOutputStream();
            out.write("{\"time\":\"2026-11-24T00:00:00Z\",\"message\":\"half".getBytes(StandardCharsets.US_ASCII));
            server.admin().post("/api/workers/stream-2/isolate", new Isolate("stolen", null), View.class);
            await("a request under way was ended: worker_isolated");
            drain(socket);
        }
    }

    private static void await(String line) {
        org.awaitility.Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(server.log()).contains(line));
    }
}

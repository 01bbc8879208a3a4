package io.lyftdata.simulator;

import io.lyftdata.api.Accounts.IssueToken;
import io.lyftdata.api.Accounts.IssuedToken;
import io.lyftdata.api.Enroll;
import io.lyftdata.api.Heartbeat;
import io.lyftdata.client.Json;
import io.lyftdata.crypto.Identity;
import io.lyftdata.crypto.KeyString;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Our server's side of a comparison with what a user would pick instead, whose side runs in the same rounds.
 * {@code DIRECTORY PUSHGATEWAY-URL PID} pushes to both and scrapes both. Called by
 * {@code src/test/sh/pushgateway-benchmark.sh}.
 */
public final class TelemetryBenchmark {
    private static final int WORKERS = 5_000;
    private static final int THREADS = 4;
    private static final double NANOS = 1e9;
    private static final double TICKS_A_SECOND = 100;

    private final HttpClient client;
    private final ServerUnderTest server;
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

    private TelemetryBenchmark(ServerUnderTest server) throws Exception {
        this.server = server;
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, new TrustManager[] {new TrustAll()}, null);
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(tls)
                .build();
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        try (ServerUnderTest server = new ServerUnderTest(directory, "-Xmx1g")) {
            server.start();
            TelemetryBenchmark benchmark = new TelemetryBenchmark(server);
            benchmark.metrics(arguments[1], Long.parseLong(arguments[2]));
            benchmark.threads.shutdownNow();
        }
    }

    /** Both speak TLS on loopback; which certificate it is does not matter here. */
    private static final class TrustAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private URI at(String path) {
        return URI.create("https://127.0.0.1:" + server.port() + path);
    }

    private HttpRequest.Builder ours(String path, KeyString key) {
        return HttpRequest.newBuilder(at(path))
                .header("Authorization", "Bearer " + key.reveal())
                .header(Heartbeat.INSTANCE_HEADER, "0".repeat(32));
    }

    private void send(HttpRequest request) throws IOException, InterruptedException {
        var answer = client.send(request, BodyHandlers.ofString());
        if (answer.statusCode() >= 300) {
            throw new IOException(answer.statusCode() + " " + answer.body());
        }
    }

    private KeyString enroll(String name) throws IOException, InterruptedException {
        Identity identity = Identity.generate();
        KeyString key = KeyString.generate(KeyString.Kind.WORKER);
        Enroll.Request wish = new Enroll.Request(
                name,
                Map.of(),
                key.id(),
                key.hash(),
                identity.publicKey(),
                Instant.now().toEpochMilli(),
                null);
        byte[] body = Json.MAPPER.writeValueAsBytes(wish.signed(identity.sign(wish.signedBytes())));
        send(HttpRequest.newBuilder(at(Enroll.PATH))
                .header("Authorization", "Enrollment " + server.secret())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build());
        return key;
    }

    private List<KeyString> enrollAll(int count) throws Exception {
        List<Future<KeyString>> joining = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String name = "worker-" + i;
            joining.add(threads.submit(() -> enroll(name)));
        }
        List<KeyString> keys = new ArrayList<>();
        for (Future<KeyString> one : joining) {
            keys.add(one.get());
        }
        return keys;
    }

    /** 50 series in ten families with help, as client libraries write them. */
    private static String exposition(long round) {
        StringBuilder text = new StringBuilder();
        for (int family = 0; family < 10; family++) {
            String name = "app_requests_by_kind_" + family + "_total";
            text.append("# HELP ").append(name).append(" Requests of this kind that were answered.\n");
            text.append("# TYPE ").append(name).append(" counter\n");
            for (int i = 0; i < 5; i++) {
                text.append(name).append("{method=\"GET\",code=\"20").append(i).append("\"} ");
                text.append(1000 * round + i).append(".5\n");
            }
        }
        return text.toString();
    }

    /** Does it on all threads for so long; says how often. */
    private long repeat(double seconds, IntFunction<HttpRequest> request, AtomicLong next) throws Exception {
        AtomicLong done = new AtomicLong();
        long end = System.nanoTime() + (long) (seconds * NANOS);
        Callable<Void> work = () -> {
            while (System.nanoTime() < end) {
                send(request.apply((int) (next.getAndIncrement() % WORKERS)));
                done.incrementAndGet();
            }
            return null;
        };
        for (Future<Void> one : threads.invokeAll(Collections.nCopies(THREADS, work))) {
            one.get();
        }
        return done.get();
    }

    private static double cpu(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_A_SECOND;
    }

    private static long residentMiB(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith("VmRSS"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
                .sum();
    }

    private void metrics(String gateway, long gatewayPid) throws Exception {
        List<KeyString> keys = enrollAll(WORKERS);
        System.out.println(WORKERS + " workers enrolled");
        String text = exposition(7);
        IntFunction<HttpRequest> ourPush = i -> ours("/api/worker/metrics", keys.get(i))
                .header("Content-Type", "text/plain; version=0.0.4")
                .PUT(HttpRequest.BodyPublishers.ofString(text))
                .build();
        IntFunction<HttpRequest> theirPush =
                i -> HttpRequest.newBuilder(URI.create(gateway + "/metrics/job/fleet/instance/worker-" + i))
                        .PUT(HttpRequest.BodyPublishers.ofString(text))
                        .build();
        AtomicLong ourNext = new AtomicLong();
        AtomicLong theirNext = new AtomicLong();
        repeat(40, ourPush, ourNext);
        repeat(10, theirPush, theirNext);
        for (int round = 1; round <= 3; round++) {
            double before = server.usage().cpu();
            long pushes = repeat(12, ourPush, ourNext);
            double ourRate = pushes / (server.usage().cpu() - before);
            before = cpu(gatewayPid);
            long theirs = repeat(12, theirPush, theirNext);
            double theirRate = theirs / (cpu(gatewayPid) - before);
            System.out.printf(
                    "pushes per CPU second, round %d: ours %.0f (%.0f/s), pushgateway %.0f (%.0f/s), ratio %.2f%n",
                    round, ourRate, pushes / 12.0, theirRate, theirs / 12.0, ourRate / theirRate);
        }
        while (ourNext.get() < WORKERS || theirNext.get() < WORKERS) {
            repeat(2, ourPush, ourNext);
            repeat(2, theirPush, theirNext);
        }
        scrapes(gateway, gatewayPid);
    }

    private void scrapes(String gateway, long gatewayPid) throws Exception {
        var token = server.admin()
                .post("/api/tokens", new IssueToken("bench", "viewer", 3600, List.of()), IssuedToken.class)
                .token();
        for (int round = 1; round <= 6; round++) {
            for (String encoding : new String[] {"identity", "gzip"}) {
                double before = server.usage().cpu();
                String our = scrape(HttpRequest.newBuilder(at("/api/workers/metrics"))
                        .header("Authorization", "Bearer " + token)
                        .header("Accept-Encoding", encoding)
                        .build());
                double ourCpu = server.usage().cpu() - before;
                before = cpu(gatewayPid);
                String their = scrape(HttpRequest.newBuilder(URI.create(gateway + "/metrics"))
                        .header("Accept-Encoding", encoding)
                        .build());
                System.out.printf(
                        "scrape %d (%s): ours %s, CPU %.2f s, resident %d MiB; pushgateway %s, CPU %.2f s, resident %d"
                                + " MiB%n",
                        round,
                        encoding,
                        our,
                        ourCpu,
                        server.usage().residentMiB(),
                        their,
                        cpu(gatewayPid) - before,
                        residentMiB(gatewayPid));
            }
        }
    }

    private String scrape(HttpRequest request) throws Exception {
        long start = System.nanoTime();
        try (InputStream body =
                client.send(request, BodyHandlers.ofInputStream()).body()) {
            byte[] buffer = new byte[1 << 16];
            long bytes = body.read(buffer);
            double first = (System.nanoTime() - start) / 1e6;
            for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
                bytes += n;
            }
            return String.format(
                    "first byte %.0f ms, all %.0f ms, %.1f MB", first, (System.nanoTime() - start) / 1e6, bytes / 1e6);
        }
    }
}

package io.lyftdata.server;

import io.lyftdata.api.posture.Report;
import io.lyftdata.client.ApiClient;
import io.lyftdata.testing.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;

/**
 * How long a run of all checks takes over 15,000 workers, of which each tenth has an insecure connection, and each
 * twentieth a skewed clock and a key that was never used; and what a health request waits meanwhile.
 */
public final class PostureBenchmark {
    private static final int WORKERS = 15_000;
    private static final int ROUNDS = 21;
    private static final String NOW = "CAST(strftime('%s', 'now') AS INTEGER) * 1000";

    private PostureBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory("posture-benchmark");
        try (TestServer server = TestServer.start(directory.resolve("staging"), Map.of())) {
            plant(server.staging().resolve("control.db"), WORKERS);
            ApiClient admin = server.admin();
            long[] nanos = new long[ROUNDS];
            for (int i = 0; i < ROUNDS; i++) {
                long begun = System.nanoTime();
                Report report = admin.get(Report.PATH, Map.of(), Report.class);
                nanos[i] = System.nanoTime() - begun;
                if (i == 0) {
                    System.out.printf("first %.0f ms, %s%n", nanos[i] / 1e6, report.findings());
                }
            }
            Arrays.sort(nanos);
            System.out.printf("median %.0f ms, slowest %.0f ms%n", nanos[ROUNDS / 2] / 1e6, nanos[ROUNDS - 1] / 1e6);
            System.out.printf("slowest health request meanwhile: %.0f ms%n", slowestHealth(server, admin) / 1e6);
        }
    }

    private static long slowestHealth(TestServer server, ApiClient admin) throws InterruptedException {
        Thread runs = new Thread(() -> {
            for (int i = 0; i < 5; i++) {
                admin.get(Report.PATH, Map.of(), Report.class);
            }
        });
        runs.start();
        ApiClient anyone = server.client();
        long slowest = 0;
        while (runs.isAlive()) {
            long begun = System.nanoTime();
            anyone.get("/api/health", Map.of(), Map.class);
            slowest = Math.max(slowest, System.nanoTime() - begun);
        }
        runs.join(Duration.ofMinutes(1).toMillis());
        return slowest;
    }

    /** Puts workers into a server's database; it keeps in memory what it read before. */
    static void plant(Path file, int workers) throws Exception {
        String rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + workers + ") ";
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                var sql = connection.createStatement()) {
            sql.execute("PRAGMA busy_timeout = 20000");
            connection.setAutoCommit(false);
            sql.execute("INSERT INTO worker (id, state, labels, created_at) " + rows
                    + "SELECT 'w' || i, 'active', '{}', " + NOW + " FROM n");
            sql.execute(
                    "INSERT INTO heartbeat (worker_id, seen_at, address, instance_id, version, uptime_seconds, tls_mode,"
                            + " claimed, clock_skew_millis) " + rows + "SELECT 'w' || i, " + NOW
                            + ", '192.0.2.1', 'x', '1', 1,"
                            + " CASE WHEN i % 10 = 0 THEN 'insecure' ELSE 'pinned' END, '{}',"
                            + " CASE WHEN i % 20 = 0 THEN 90000 ELSE 0 END FROM n");
            sql.execute(
                    "INSERT INTO api_key (id, worker_id, kind, state, hash, created_at, first_used_at, ledger, rotation) "
                            + rows
                            + "SELECT 'k' || i, 'w' || i, 'worker', 'active', 'h' || i, " + NOW + " - 90000000,"
                            + " CASE WHEN i % 20 = 0 THEN NULL ELSE " + NOW + " END, 0, 0 FROM n");
            connection.commit();
        }
    }
}

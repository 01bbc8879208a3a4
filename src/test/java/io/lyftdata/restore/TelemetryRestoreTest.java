package io.lyftdata.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lyftdata.api.LogLine;
import io.lyftdata.api.backup.Backups;
import io.lyftdata.archive.Envelope;
import io.lyftdata.backup.Drill;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.SqliteFile;
import io.lyftdata.host.Space;
import io.lyftdata.logs.LogStore;
import io.lyftdata.snapshot.Progress;
import io.lyftdata.testing.AgeKeys;
import io.lyftdata.testing.MovableClock;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs and metrics that were asked for are in a backup whole, and come back; what this host has stays. */
class TelemetryRestoreTest {
    private static final AgeKeys AGE = AgeKeys.generate();
    private static final String HIT = "hits_of_this_test";

    @TempDir
    Path directory;

    private Path staging() {
        return directory.resolve("staging");
    }

    private static TestServer start(Path staging, String more) throws IOException {
        return TestServer.startWith(staging, "backup: {recipients: [" + AGE.recipient() + "]" + more + "}");
    }

    private static Path backup(TestServer server, boolean telemetry) {
        Backups.Run run =
                server.admin().post(telemetry ? Backups.PATH_WITH_TELEMETRY : Backups.PATH, null, Backups.Run.class);
        return server.staging().resolve("backups").resolve(run.backup().name());
    }

    private static void send(TestWorker worker, String... messages) {
        Map<String, String> headers =
                Map.of("Content-Type", LogLine.MEDIA_TYPE, LogLine.BATCH_HEADER, Randomness.hex(128));
        worker.api().send("POST", "/api/worker/logs", Map.of(), headers, lines(messages));
    }

    private static byte[] lines(String... messages) {
        return Stream.of(messages)
                .map(message -> "{\"time\":\"" + Instant.now().minus(Duration.ofMinutes(1))
                        + "\",\"level\":\"info\",\"message\":\"" + message + "\"}\n")
                .collect(Collectors.joining())
                .getBytes(StandardCharsets.UTF_8);
    }

    private static Path yesterday(Path staging) throws Exception {
        return day(staging, 1);
    }

    /** The file of a day that is over, the first one. */
    private static Path day(Path staging, int ago) throws Exception {
        MovableClock clock = new MovableClock();
        clock.set(Instant.now().minus(Duration.ofDays(ago)));
        LogStore store = new LogStore(staging.resolve("telemetry"), "any", new Space(() -> 1), clock);
        store.start();
        store.append("w", Randomness.hex(128), new ByteArrayInputStream(lines("of yesterday")));
        store.stop();
        try (Stream<Path> files = Files.list(staging.resolve("telemetry/logs"))) {
            return files.filter(file -> file.toString().endsWith(".db"))
                    .min(Comparator.naturalOrder())
                    .orElseThrow();
        }
    }

    private static String logs(TestServer server) throws IOException {
        try (InputStream body = server.admin().stream("/api/workers/logs", Map.of("limit", 10_000))) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Restore prepare(Path file, Path staging, Progress progress) throws IOException {
        String signer = SigningKey.open(file.resolveSibling("key")).fingerprint();
        Restore.Request request = new Restore.Request(
                file, Envelope.identities(AGE.identity()), Optional.of(signer), false, staging, Optional.empty());
        return Restore.prepare(request, Map.of(), Clock.systemUTC(), progress);
    }

    private static Outcome restore(Path file, Path staging, Progress progress) throws IOException {
        try (Restore restore = prepare(file, staging, progress)) {
            Outcome outcome = restore.apply();
            assertThat(Report.after(restore, outcome))
                    .contains("the backup's " + outcome.telemetry().all() + " files of logs and metrics "
                            + outcome.telemetry().taken());
            return outcome;
        }
    }

    /** The file where nothing else is, and beside it the key that it is known by. */
    private Path away(Path file) throws IOException {
        Path away = Files.createDirectory(directory.resolve("away"));
        Files.copy(staging().resolve("signing.key"), away.resolve("key"));
        return Files.move(file, away.resolve(file.getFileName()));
    }

    private int savedMetrics() throws SQLException {
        try (Connection saved = SqliteFile.openToRead(staging().resolve("telemetry/metrics.db"));
                Statement statement = saved.createStatement();
                ResultSet count = statement.executeQuery("SELECT count(*) FROM snapshot")) {
            return count.getInt(1);
        }
    }

    @Test
    void onAFreshHostEveryBatchIsBackWholeAndOnlyWhenAskedFor() throws Exception {
        yesterday(staging());
        Path without;
        Path file;
        ConcurrentLinkedQueue<String> acknowledged = new ConcurrentLinkedQueue<>();
        AtomicBoolean isDone = new AtomicBoolean();
        List<String> before;
        try (TestServer server = start(staging(), "")) {
            TestWorker worker = TestWorker.enroll(server, "w");
            worker.api()
                    .send(
                            "PUT",
                            "/api/worker/metrics",
                            Map.of(),
                            Map.of("Content-Type", "text/plain; version=0.0.4"),
                            (HIT + " 7\n").getBytes(StandardCharsets.UTF_8));
            await().until(() -> savedMetrics() == 1);
            without = backup(server, false);
            Thread sender = new Thread(() -> IntStream.range(0, 5_000)
                    .takeWhile(i -> !isDone.get())
                    .forEach(i -> {
                        send(worker, "x" + i + "x", "x" + i + "x", "x" + i + "x");
                        acknowledged.add("x" + i + "x");
                    }));
            sender.start();
            while (acknowledged.size() < 20 && sender.isAlive()) {
                Thread.onSpinWait();
            }
            before = List.copyOf(acknowledged);
            file = backup(server, true);
            isDone.set(true);
            sender.join();
        }
        assertThat(drill(without)).contains("8 files").doesNotContain("logLines");
        assertThat(drill(file)).contains("logLines=", "metrics=1");
        Path elsewhere = directory.resolve("elsewhere");
        Outcome outcome = restore(away(file), elsewhere, Progress.NONE);
        assertThat(outcome.telemetry()).isEqualTo(new RestoredTelemetry(3, 3));
        try (TestServer server = TestServer.start(elsewhere, Map.of("reset-admin-password", "true"))) {
            String logs = logs(server);
            assertThat(logs).contains("of yesterday");
            Map<String, Integer> found = new HashMap<>();
            for (String line : logs.split("\n", -1)) {
                if (line.contains("\"message\":\"x")) {
                    found.merge(line.replaceFirst(".*\"message\":\"(x\\d+x)\".*", "$1"), 1, Integer::sum);
                }
            }
            assertThat(found)
                    .containsOnlyKeys(acknowledged.stream().limit(found.size()).toArray(String[]::new));
            assertThat(found.keySet()).containsAll(before);
            assertThat(found.values()).containsOnly(3);
            assertThat(new String(
                            server.admin().stream("/api/workers/metrics", Map.of())
                                    .readAllBytes(),
                            StandardCharsets.UTF_8))
                    .contains(HIT);
        }
    }

    private String drill(Path file) throws IOException {
        return Drill.in(
                        directory.resolve("drills"),
                        scratch -> new Drill(file, signer -> true, Progress.NONE)
                                .inside(Envelope.identities(AGE.identity()), scratch))
                .steps()
                .toString();
    }

    @Test
    void aFileThatCannotBeReadMakesAWholeBackupThatSaysEverywhereWhatItLacks() throws Exception {
        Path old = day(staging(), 5);
        // The newest but one stays open.
        day(staging(), 1);
        String lacking = "telemetry/logs/" + old.getFileName();
        Path file;
        try (TestServer server = start(staging(), ", telemetry: true")) {
            Files.write(old, new byte[] {1, 2, 3});
            send(TestWorker.enroll(server, "w"), "of today");
            Backups.Run run = server.admin().post(Backups.PATH, null, Backups.Run.class);
            assertThat(run.state()).isEqualTo("failed");
            assertThat(run.failure()).contains(run.backup().name(), lacking);
            assertThat(run.backup().lacks()).containsExactly(lacking);
            assertThat(run.backup().counts()).containsEntry("logLines", 2L);
            assertThat(health(server)).contains(lacking);
            assertThat(server.admin()
                            .get("/api/audit", Map.of("action", "BACKUP_CREATED"), Map.class)
                            .toString())
                    .contains("lacks", lacking);
            file = staging().resolve("backups").resolve(run.backup().name());
            assertThat(drill(file)).contains("it lacks " + lacking).doesNotContain("whole=false");
        }
        try (TestServer server = start(staging(), ", telemetry: true")) {
            await().atMost(Duration.ofMinutes(1))
                    .untilAsserted(() -> assertThat(health(server))
                            .as("known after a restart")
                            .contains(lacking));
            Files.delete(old);
            Backups.Run run = server.admin().post(Backups.PATH, null, Backups.Run.class);
            assertThat(run.state()).isEqualTo("done");
            assertThat(run.backup().lacks()).isNull();
        }
        try (Restore restore = prepare(away(file), staging(), Progress.NONE)) {
            assertThat(Report.before(restore)).contains("it lacks " + lacking);
        }
    }

    /** What the admin connector says of the backups. */
    private static String health(TestServer server) throws IOException {
        return RawClient.plain(server.adminUrl())
                .call("127.0.0.1", "GET", "/healthcheck", "", "Authorization: Bearer " + server.adminToken())
                .body();
    }

    @Test
    void aCrashAtAnyStepLeavesTheOldLogsOrTheNewAndLosesNoLineOfThisHost() throws Exception {
        Path yesterday = yesterday(staging());
        Path file;
        try (TestServer server = start(staging(), ", telemetry: true")) {
            TestWorker worker = TestWorker.enroll(server, "then");
            send(worker, "before the backup");
            file = backup(server, false);
            send(worker, "after the backup");
            TestWorker.enroll(server, "now");
        }
        Files.write(yesterday, new byte[] {1, 2, 3});
        Path saved = away(file);
        List<Path> moments = new ArrayList<>();
        String[] last = {""};
        Outcome outcome = restore(saved, staging(), (step, done, total) -> {
            if (!step.equals(last[0])) {
                last[0] = step;
                moments.add(directory.resolve("moment-" + moments.size()));
                TestServer.copy(staging(), moments.get(moments.size() - 1));
            }
        });
        assertThat(outcome.telemetry().taken()).isBetween(1, 2);
        assertThat(outcome.aside().resolve("telemetry/logs").resolve(yesterday.getFileName()))
                .hasBinaryContent(new byte[] {1, 2, 3});
        moments.add(staging());
        List<String> found = new ArrayList<>();
        for (Path moment : moments) {
            new Placement(moment).settle(Optional.empty(), Progress.NONE);
            found.add(workers(moment) + " "
                    + (Files.size(moment.resolve(staging().relativize(yesterday))) > 3 ? "whole" : "lost"));
        }
        assertThat(String.join(",", found)).matches("(2 lost,)+1 whole(,1 whole)*");
        for (int i : new int[] {moments.size() - 3, moments.size() - 1}) {
            try (TestServer server = start(moments.get(i), "")) {
                assertThat(logs(server)).contains("of yesterday", "before the backup", "after the backup");
            }
        }
    }

    private static long workers(Path moment) throws Exception {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + moment.resolve("control.db"));
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT count(*) FROM worker")) {
            return row.getLong(1);
        }
    }
}

package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lyftdata.api.Accounts;
import io.lyftdata.api.Heartbeat;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Secret;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.staging.StagingDirectory;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server does when it starts, again or in vain. */
class StartTest {
    @TempDir
    Path directory;

    private Path staging() {
        return directory.resolve("staging");
    }

    @Test
    void keepsEverythingOverARestart() throws IOException {
        String pin;
        String token;
        TestWorker worker;
        try (TestServer first = TestServer.start(staging(), Map.of())) {
            pin = first.pin();
            token = first.token("viewer");
            worker = TestWorker.enroll(first, "kept");
            assertThat(staging().resolve("admin.token")).exists();
        }
        assertThat(staging().resolve("admin.token")).doesNotExist();
        try (TestServer second = TestServer.start(staging(), Map.of())) {
            assertThat(second.pin()).isEqualTo(pin);
            var api = second.client().authorized("Bearer", new Secret(token));
            var view = api.get("/api/workers/kept", Map.of(), io.lyftdata.api.Workers.View.class);
            assertThat(view.state()).isEqualTo("new");
            assertThat(second.client()
                            .authorized("Bearer", new Secret(worker.key().reveal()))
                            .with(Heartbeat.INSTANCE_HEADER, "0".repeat(32))
                            .post(
                                    Heartbeat.PATH,
                                    new Heartbeat.Request("1", 1, Map.of(), "ca", Instant.now(), null, null),
                                    Heartbeat.Answer.class)
                            .nextMillis())
                    .isPositive();
        }
    }

    @Test
    void recordsEachStartAndEachStop() throws Exception {
        TestServer.start(staging(), Map.of()).close();
        TestServer.start(staging(), Map.of("log-retention-days", "3")).close();
        try (DatabaseOpener opener = new DatabaseOpener()) {
            List<String> records = opener.openSqlite(staging().resolve("control.db"))
                    .read(tx -> tx.createQuery(
                                    "SELECT action || ' ' || subject || ' ' || difference FROM audit ORDER BY position")
                            .mapTo(String.class)
                            .filter(record -> record.startsWith("S"))
                            .list());
            String version = Runtime.version().toString();
            assertThat(records).hasSize(6);
            assertThat(records.get(0)).startsWith("SETTINGS_CHANGED 1 {\"bind-address\":");
            assertThat(records.get(1))
                    .startsWith("SERVER_STARTED  {\"version\":")
                    .contains("\"java\":{\"after\":\"" + version + "\"},\"revision\":{\"after\":1}");
            assertThat(records.get(3))
                    .isEqualTo("SETTINGS_CHANGED 2 {\"log-retention-days\":{\"before\":{\"value\":30,"
                            + "\"origin\":\"default\"},\"after\":{\"value\":3,\"origin\":\"flag\"}}}");
            assertThat(records.get(4)).contains("\"revision\":{\"after\":2}");
            assertThat(List.of(records.get(2), records.get(5))).containsOnly("SERVER_STOPPED  {}");
        }
    }

    @Test
    void leavesNothingOpenToOthers() throws IOException {
        try (TestServer server = TestServer.start(staging(), Map.of())) {
            TestWorker.enroll(server, "any");
            assertThat(TestServer.files(staging())).contains(staging()).noneMatch(StartTest::isOpenToOthers);
        }
    }

    @Test
    void keepsEveryFileToItsOwnerWhateverTheUmask() throws IOException {
        Path console = directory.resolve("console");
        try (TestServer first = TestServer.spawn(staging(), console, Map.of("built-in-worker", "true"))) {
            TestWorker.enroll(first, "any");
        }
        Path log = staging().resolve("logs/server.log");
        Instant yesterday = Instant.now().minus(Duration.ofDays(1));
        Files.setLastModifiedTime(log, FileTime.from(yesterday));
        try (TestServer second = TestServer.spawn(staging(), console, Map.of("built-in-worker", "true"))) {
            TestWorker worker = TestWorker.enroll(second, "other");
            worker.beat();
            await().atMost(Duration.ofSeconds(30)).until(() -> names().anyMatch(name -> name.endsWith(".log.gz")));
            assertThat(names()).contains("metrics.db", "metrics.db-wal", "control.db-wal", "worker.key");
            assertThat(modes()).allSatisfy((file, mode) -> assertThat(mode).isIn("rw-------", "rwx------/"));
        }
    }

    private Stream<String> names() throws IOException {
        return modes().keySet().stream().map(path -> path.getFileName().toString());
    }

    private Map<Path, String> modes() throws IOException {
        Map<Path, String> modes = new HashMap<>();
        for (Path file : TestServer.files(staging())) {
            mode(file).ifPresent(mode -> modes.put(file, mode));
        }
        return modes;
    }

    private static boolean isOpenToOthers(Path file) {
        return mode(file).map(mode -> !mode.replace("/", "").endsWith("------")).orElse(false);
    }

    /** With a slash behind a directory's; empty for a file that has gone since. */
    private static Optional<String> mode(Path file) {
        try {
            String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
            return Optional.of(Files.isDirectory(file) ? mode + "/" : mode);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Test
    void refusesAStagingDirectoryThatOthersCanRead() throws IOException {
        Files.createDirectory(staging());
        Files.setPosixFilePermissions(staging(), PosixFilePermissions.fromString("rwxr-x---"));
        assertThatThrownBy(() -> TestServer.start(staging(), Map.of()))
                .isInstanceOf(BadSetting.class)
                .hasMessageContaining("run: chmod 700 " + staging());
    }

    @Test
    void refusesAnOpenSecretFile() throws IOException {
        TestServer.start(staging(), Map.of()).close();
        Path key = staging().resolve("tls/ca.key");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> TestServer.start(staging(), Map.of()))
                .isInstanceOf(BadSetting.class)
                .hasMessageContaining("chmod 600 " + key);
    }

    @Test
    void makesNoSecondSigningKey() throws IOException {
        try (TestServer first = TestServer.start(staging(), Map.of())) {
            assertThat(first.log()).containsPattern("made a signing key, fingerprint sha256:[0-9a-f]{64}");
        }
        Path key = staging().resolve("signing.key");
        Files.delete(key);
        assertThatThrownBy(() -> TestServer.start(staging(), Map.of()))
                .isInstanceOf(BadSetting.class)
                .hasMessageContaining(key + " is missing; restore it from a backup");
        assertThat(key).doesNotExist();
    }

    @Test
    void refusesASecondServerOnTheSameState() throws IOException {
        try (TestServer first = TestServer.start(staging(), Map.of())) {
            assertThatThrownBy(() -> TestServer.start(staging(), Map.of()))
                    .isInstanceOf(BadSetting.class)
                    .hasMessageContaining("another lyftdata server runs on " + first.staging());
        }
    }

    @Test
    void saysThatThePortIsTakenAndLetsGoOfTheState() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            assertThatThrownBy(() -> TestServer.start(staging(), Map.of("bind-address", address)))
                    .isInstanceOf(BadSetting.class)
                    .hasMessageContaining("bind-address " + address)
                    .hasMessageContaining("another program listens there");
        }
        TestServer.start(staging(), Map.of()).close();
    }

    @Test
    void saysThatTheStagingDirectoryCannotBeWritten() throws IOException {
        Path file = directory.resolve("file");
        Files.writeString(file, "in the way");
        assertThatThrownBy(() -> TestServer.start(file.resolve("staging"), Map.of()))
                .isInstanceOf(BadSetting.class)
                .hasMessageContaining("staging-dir");
    }

    @Test
    void runsOnPostgresqlAndHoldsItAlone() throws IOException {
        String url = Engine.newPostgresqlUrl();
        try (TestServer first = TestServer.start(staging(), Map.of("database-url", url))) {
            TestWorker worker = TestWorker.enroll(first, "on-postgresql");
            assertThat(worker.beat().nextMillis()).isPositive();
            Accounts.User user = first.admin()
                    .post(
                            "/api/users",
                            new Accounts.AddUser("eva", "long enough for anybody", "viewer"),
                            Accounts.User.class);
            assertThat(user.role()).isEqualTo("viewer");
            assertThatThrownBy(() -> TestServer.start(directory.resolve("other"), Map.of("database-url", url)))
                    .isInstanceOf(BadSetting.class)
                    .hasMessageContaining("another lyftdata server uses this database");
        }
    }

    @Test
    void putsItsDataWhereTheShellSaysHomeIs() throws IOException {
        try (StagingDirectory staging =
                StagingDirectory.open(Path.of("~/.local/lyftdata"), Map.of("HOME", directory.toString()))) {
            assertThat(staging.path("lock"))
                    .isEqualTo(directory.resolve(".local/lyftdata/lock"))
                    .exists();
        }
    }
}

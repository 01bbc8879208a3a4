package io.lyftdata.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lyftdata.testing.Collector;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestServer;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Export, verify and prune against a whole server. */
final class AuditExportCommandTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private static Path directory;

    private static Collector collector;
    private static TestServer server;
    private static String token;

    @TempDir
    private Path home;

    private CommandLineRun cli;

    @BeforeAll
    static void startServer() throws IOException {
        collector = Collector.start(directory);
        Path config = Files.writeString(
                directory.resolve("config.yml"),
                "bind-address: 127.0.0.1:0\nadmin-bind-address: 127.0.0.1:0\naudit:\n  target: " + collector.address()
                        + "\n  target-ca: " + directory.resolve("ca.crt") + "\n");
        server = TestServer.startOn(config, directory.resolve("staging"));
        token = server.token("admin");
    }

    @AfterAll
    static void stopServer() throws IOException {
        server.close();
        collector.close();
    }

    @BeforeEach
    void connect() {
        cli = new CommandLineRun(home);
        cli.environment.put("LYFTDATA_URL", server.url().toString());
        cli.environment.put("LYFTDATA_TLS_PIN", server.pin());
        cli.environment.put("LYFTDATA_API_TOKEN", token);
    }

    private Path file() {
        return home.resolve("audit.jsonl");
    }

    private List<String> lines() throws IOException {
        return Files.readAllLines(file());
    }

    private void done(String... arguments) {
        assertThat(cli.run(arguments)).as(cli.err).isZero();
    }

    private void export() {
        done("audit", "export", "--file", file().toString());
    }

    private String fingerprint() throws IOException {
        return server.log().replaceAll("(?s).*made a signing key, fingerprint (sha256:[0-9a-f]{64}).*", "$1");
    }

    @Test
    void aFileGoesOnWhereItEndedAndVerifies() throws IOException {
        export();
        List<String> first = lines();
        assertThat(cli.out)
                .isEqualTo(file() + " holds positions " + position(first.get(0)) + " to "
                        + position(first.get(first.size() - 1)) + "\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        export();
        assertThat(lines()).startsWith(first.toArray(String[]::new)).hasSizeGreaterThan(first.size());
        done("audit", "verify", "--file", file().toString(), "--signer", fingerprint());
        assertThat(cli.out).startsWith("the audit log is whole: ");
    }

    @Test
    void whatACrashCutOffIsExportedAgain() throws IOException {
        export();
        List<String> whole = lines();
        String cut = whole.get(whole.size() - 1);
        Files.writeString(file(), String.join("\n", whole.subList(0, whole.size() - 1)) + "\n" + cut.substring(0, 40));
        export();
        assertThat(lines()).startsWith(whole.toArray(String[]::new));
        done("audit", "verify", "--file", file().toString(), "--signer", fingerprint());
    }

    @Test
    void aFileOfAnotherChainIsLeftAsItIs() throws IOException {
        Files.write(file(), List.of(line(1), line(2)));
        assertThat(cli.run("audit", "export", "--file", file().toString())).isEqualTo(1);
        assertThat(cli.err).contains("does not hold position 2 with that hash").hasLineCount(1);
        assertThat(lines()).containsExactly(line(1), line(2));
        Files.writeString(file(), "a letter to ann\n");
        assertThat(cli.run("audit", "export", "--file", file().toString())).isEqualTo(1);
        assertThat(cli.err).contains("holds something else than exported records");
        assertThat(lines()).containsExactly("a letter to ann");
    }

    private static String line(int position) {
        return "{\"position\":" + position + ",\"segment\":\"ab\",\"time\":\"2026-11-23T11:50:00.000Z\","
                + "\"action\":\"USER_ADDED\",\"subject\":\"\",\"previous\":\"" + "0".repeat(64) + "\",\"hash\":\""
                + "1".repeat(64) + "\"}";
    }

    @Test
    void standardOutputGoesOnFromAPlace() throws IOException {
        done("audit", "export");
        List<String> all = cli.out.lines().toList();
        String place = all.get(1).replaceAll("\\{\"position\":(\\d+),.*\"hash\":\"([0-9a-f]+)\"}", "$1:$2");
        done("audit", "export", "--from", place);
        assertThat(cli.out.lines().toList())
                .startsWith(all.subList(2, all.size()).toArray(String[]::new));
        assertThat(cli.run("audit", "export", "--from", "7")).isEqualTo(2);
        assertThat(cli.err).contains("POSITION:HASH").hasLineCount(1);
    }

    @Test
    void twoExportsIntoOneFileAreKeptApart() throws IOException {
        export();
        try (FileChannel other = FileChannel.open(file(), StandardOpenOption.WRITE)) {
            assertThat(other.lock().isValid()).isTrue();
            assertThat(cli.run("audit", "export", "--file", file().toString())).isEqualTo(1);
            assertThat(cli.err).contains("another export writes").hasLineCount(1);
        }
    }

    private static String admin(String path) throws IOException {
        String credential = "Authorization: Bearer " + server.adminToken();
        return RawClient.plain(server.adminUrl())
                .call("127.0.0.1", "GET", path, "", credential)
                .body();
    }

    private void awaitShipped(long position) {
        await().atMost(PATIENCE).until(() -> collector.lines().stream().anyMatch(line -> position(line) == position));
    }

    @Test
    void theServerShipsByItselfAndSaysWhenItCannot() throws IOException {
        export();
        awaitShipped(last(lines()));
        assertThat(collector.lines()).containsAll(lines());
        assertThat(admin("/healthcheck")).contains("\"audit_target\":{\"healthy\":true");

        collector.setMood(Collector.Mood.ABRUPT);
        try {
            export();
            export();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(admin("/healthcheck"))
                            .contains("\"audit_target\":{\"healthy\":false", "before it had read everything"));
            assertThat(admin("/metrics")).containsPattern("(?m)^lyftdata_server_audit_target_behind [1-9]");
            assertThat(cli.run("audit", "prune", "--file", file().toString(), "--before", "2100-01-01T00:00:00Z"))
                    .isEqualTo(1);
            assertThat(cli.err).contains("the collector of audit.target has the audit log up to");
        } finally {
            collector.setMood(Collector.Mood.WELL);
        }
        awaitShipped(last(lines()));
    }

    @Test
    void aCollectorGetsTheLogFromTheCommandLineToo() throws IOException {
        Path own = Files.createDirectory(home.resolve("own"));
        try (Collector other = Collector.start(own)) {
            String[] command = {
                "audit",
                "export",
                "--syslog",
                other.address().toString(),
                "--syslog-ca",
                own.resolve("ca.crt").toString(),
                "--position-file",
                home.resolve("position").toString()
            };
            done(command);
            List<String> all = other.lines();
            assertThat(cli.out).startsWith("the collector has the log up to " + last(all) + ":");
            int once = all.size();
            export();
            done(command);
            assertThat(other.lines().subList(once, other.lines().size()))
                    .as("goes on behind the kept place")
                    .extracting(AuditExportCommandTest::position)
                    .first()
                    .isEqualTo(last(all.subList(0, once)) + 1);
            other.setMood(Collector.Mood.ABRUPT);
            export();
            assertThat(cli.run(command)).isEqualTo(1);
            assertThat(cli.err.lines().toList())
                    .last()
                    .asString()
                    .contains("before it had read everything", "run the command again");
            Files.writeString(home.resolve("position"), "70000:" + "0".repeat(64) + "\n");
            assertThat(cli.run(command)).isEqualTo(1);
            assertThat(cli.err).contains("does not hold position 70000 with that hash");
        }
        assertThat(cli.run("audit", "export", "--syslog", "nowhere")).isEqualTo(2);
        assertThat(cli.run("audit", "export", "--syslog-ca", "x")).isEqualTo(2);
    }

    @Test
    void prunesWhatTheFileHoldsAndTheServerIsWhole() throws IOException {
        export();
        List<String> exported = lines();
        String middle = exported.get(exported.size() / 2);
        done("audit", "prune", "--file", file().toString(), "--before", "2020-01-01T00:00:00Z");
        assertThat(cli.out).startsWith("nothing was pruned");
        awaitShipped(last(exported));
        done("audit", "prune", "--file", file().toString(), "--before", "2100-01-01T00:00:00Z");
        assertThat(cli.out).startsWith("the audit log begins behind position " + last(exported));
        done("audit", "verify");
        assertThat(cli.out)
                .contains("is whole: positions " + (last(exported) + 1))
                .contains("behind the checkpoint");
        done("audit", "list", "--limit", "1", "--action", "audit_pruned");
        assertThat(cli.out).contains("AUDIT_PRUNED");
        export();
        assertThat(lines()).startsWith(exported.toArray(String[]::new)).hasSizeGreaterThan(exported.size());
        done("audit", "verify", "--file", file().toString());

        Files.writeString(
                file(), Files.readString(file()).replace(middle, middle.replace("\"count\":1", "\"count\":2")));
        assertThat(cli.run("audit", "prune", "--file", file().toString(), "--before", "2100-01-01T00:00:00Z"))
                .isEqualTo(3);
        assertThat(cli.err).contains("so nothing was pruned");
    }

    private static long position(String line) {
        return Long.parseLong(line.replaceAll("\\{\"position\":(\\d+),.*", "$1"));
    }

    private static long last(List<String> lines) {
        return position(lines.get(lines.size() - 1));
    }
}

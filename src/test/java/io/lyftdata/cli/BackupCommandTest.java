package io.lyftdata.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.api.backup.Backups;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.ApiFailure;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.testing.AgeKeys;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way of a backup on the command line: made, listed, proven, restored. */
class BackupCommandTest {
    private static final AgeKeys AGE = AgeKeys.generate();

    @TempDir
    static Path directory;

    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.startWith(directory.resolve("staging"), "backup: {recipients: [" + AGE.recipient() + "]}");
        SecretFile.write(directory.resolve("identity"), AGE.identity());
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static CommandLineRun run() {
        CommandLineRun run = new CommandLineRun(directory);
        run.environment.put("LYFTDATA_URL", server.url().toString());
        run.environment.put("LYFTDATA_TLS_PIN", server.pin());
        run.environment.put("LYFTDATA_API_TOKEN", server.token("admin"));
        return run;
    }

    private static String identity() {
        return directory.resolve("identity").toString();
    }

    @Test
    void aBackupIsMadeProvenAndRestored() throws IOException {
        CommandLineRun run = run();
        assertThat(run.run("backup", "create", "--output", "json")).as(run.err).isZero();
        String name = run.out.replaceFirst("(?s).*\"name\" : \"([^\"]+)\".*", "$1");
        Path file = server.staging().resolve("backups").resolve(name);
        assertThat(run.run("backup", "list")).isZero();
        assertThat(run.out).contains(name);

        assertThat(run.run("backup", "verify", file.toString())).as(run.err).isZero();
        assertThat(run.out).contains("as far as can be seen from outside");
        assertThat(run.run("backup", "verify", file.toString(), "--identity", identity(), "--record"))
                .as(run.err)
                .isZero();
        assertThat(run.out).contains("proven: a restore would succeed");
        ApiClient admin = server.admin();
        assertThat(admin.get(Backups.PATH, Map.of(), Map.class).toString()).contains("provenAt");
        Path mine = Files.copy(file, directory.resolve("mine.tar.age"));
        assertThat(run.run("backup", "verify", mine.toString(), "--identity", identity(), "--signer", "sha256:00"))
                .isEqualTo(3);
        assertThat(run.out).contains("NOT WHOLE");

        Path target = directory.resolve("restored");
        String[] restore = {
            "backup", "restore", mine.toString(), "--staging-dir", target.toString(), "--identity", identity()
        };
        assertThat(run.run(restore)).isNotZero();
        assertThat(run.err).contains("--signer sha256:");
        assertThat(target.resolve("control.db")).doesNotExist();
        String signer = SigningKey.open(server.staging().resolve("signing.key")).fingerprint();
        String[] asked = Arrays.copyOf(restore, restore.length + 2);
        asked[restore.length] = "--signer";
        asked[restore.length + 1] = signer;
        run.input = "no\n";
        assertThat(run.run(asked)).isEqualTo(1);
        assertThat(run.out).contains("workers: 0 now");
        assertThat(run.err).contains("nothing was changed");
        assertThat(target.resolve("control.db")).doesNotExist();
        String[] yes = Arrays.copyOf(restore, restore.length + 2);
        yes[restore.length] = "--foreign";
        yes[restore.length + 1] = "--yes";
        assertThat(run.run(yes)).as(run.err).isZero();
        assertThat(run.out).contains("workers: 0 now", "Next, when the server is started", "--reset-admin-password");
        assertThat(target.resolve("control.db")).exists();
    }

    @Test
    void logsAndMetricsAreInOneThatAsksForThem() {
        CommandLineRun run = run();
        assertThat(run.run("backup", "create", "--telemetry", "--output", "json"))
                .as(run.err)
                .isZero();
        assertThat(run.out).contains("\"metrics\" : ");
        assertThat(run.run("backup", "create", "--output", "json")).as(run.err).isZero();
        assertThat(run.out).doesNotContain("\"metrics\" : ");
    }

    @Test
    void theTaskAsksForThemTooAndAMisspeltWishMakesNone() throws IOException {
        RawClient connector = RawClient.plain(server.adminUrl());
        String token = "Authorization: Bearer " + server.adminToken();
        String task = "/tasks/create-backup";
        assertThat(connector
                        .call("127.0.0.1", "POST", task, "{\"telemetry\":true}", token)
                        .body())
                .contains("\"metrics\":");
        int made = backups();
        assertThat(connector
                        .call("127.0.0.1", "POST", task, "{\"telemetry\":\"perhaps\"}", token)
                        .status())
                .isEqualTo(422);
        assertThatThrownBy(() -> server.admin().post(Backups.PATH + "?telemetry=perhaps", null, Backups.Run.class))
                .isInstanceOf(ApiFailure.class)
                .hasMessageContaining("`telemetry` is true or false");
        assertThat(backups()).isEqualTo(made);
    }

    private static int backups() {
        return ((List<?>) server.admin().get(Backups.PATH, Map.of(), Map.class).get("items")).size();
    }

    @Test
    void whatCannotBeDoneIsSaidInOneLine() throws IOException {
        CommandLineRun run = run();
        assertThat(run.run("backup", "verify", "nowhere")).isEqualTo(1);
        assertThat(run.err).contains("nowhere does not exist").hasLineCount(1);
        Path rubbish = Files.writeString(directory.resolve("rubbish"), "x");
        assertThat(run.run("backup", "verify", rubbish.toString())).isEqualTo(3);
        String staging = server.staging().toString();
        assertThat(run.run("backup", "restore", rubbish.toString(), "--staging-dir", staging, "--identity", identity()))
                .isNotZero();
        assertThat(run.err).contains("another lyftdata server runs").hasLineCount(1);
    }
}

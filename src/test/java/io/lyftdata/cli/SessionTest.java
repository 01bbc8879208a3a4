package io.lyftdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SessionTest {
    private static final String SESSION = "lyd_se_0123456789abcdef";
    private static final String PASSWORD = "correct horse battery";

    @TempDir
    private Path home;

    private CannedServer server;
    private CommandLineRun cli;

    @BeforeEach
    void start() throws IOException {
        server = new CannedServer()
                .on(
                        "POST /api/login",
                        200,
                        "{\"token\":\"" + SESSION + "\",\"expiresAt\":\"2026-11-24T00:00:00.000Z\"}")
                .on("POST /api/logout", 204, "")
                .on("GET /api/users?limit=1000", 200, "{\"items\":[],\"next\":null}");
        cli = new CommandLineRun(home);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void logIn() {
        cli.input = PASSWORD + "\n";
        assertThat(cli.run("login", "ada", "--url", server.url())).as(cli.err).isZero();
    }

    @Test
    void keepsTheSessionWhereOnlyItsOwnerReads() throws IOException {
        logIn();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cli.sessionFile)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cli.sessionFile.getParent())))
                .isEqualTo("rwx------");
        assertThat(Files.readString(cli.sessionFile)).contains(SESSION).doesNotContain(PASSWORD);
        assertThat(cli.out + cli.err).doesNotContain(SESSION).doesNotContain(PASSWORD);
        assertThat(server.asked().get(0).body()).isEqualTo("{\"username\":\"ada\",\"password\":\"" + PASSWORD + "\"}");
    }

    @Test
    void callsTheServerThatWasLoggedInTo() {
        logIn();
        assertThat(cli.run("users", "list")).as(cli.err).isZero();
        assertThat(server.asked().get(1).authorization()).isEqualTo("Bearer " + SESSION);
    }

    @Test
    void sendsTheSessionToNoOtherServer() throws IOException {
        logIn();
        try (CannedServer other = new CannedServer()) {
            assertThat(cli.run("users", "list", "--url", other.url())).isEqualTo(1);
            assertThat(other.asked()).isEmpty();
        }
        assertThat(cli.err).startsWith("lyftdata: not logged in at http://").contains("run lyftdata login USER");
    }

    @Test
    void anApiTokenReplacesTheSession() {
        logIn();
        cli.environment.put("LYFTDATA_API_TOKEN", "lyd_at_x");
        assertThat(cli.run("users", "list")).as(cli.err).isZero();
        assertThat(server.asked().get(1).authorization()).isEqualTo("Bearer lyd_at_x");
    }

    @Test
    void anApiTokenFileMustBePrivate() throws IOException {
        Path file = Files.writeString(home.resolve("token"), "lyd_at_x\n");
        cli.environment.put("LYFTDATA_API_TOKEN_FILE", file.toString());
        cli.environment.put("LYFTDATA_URL", server.url());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(cli.run("users", "list")).isEqualTo(2);
        assertThat(cli.err).contains("chmod 600 " + file).doesNotContain("lyd_at_x");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThat(cli.run("users", "list")).as(cli.err).isZero();
        assertThat(server.asked().get(0).authorization()).isEqualTo("Bearer lyd_at_x");
    }

    @Test
    void refusesASessionThatOthersCanRead() throws IOException {
        logIn();
        Files.setPosixFilePermissions(cli.sessionFile, PosixFilePermissions.fromString("rw-r-----"));
        assertThat(cli.run("users", "list")).isEqualTo(1);
        assertThat(cli.err).contains("chmod 600 " + cli.sessionFile);
        assertThat(server.asked()).hasSize(1);
    }

    @Test
    void saysThatTheSessionHasExpired() {
        logIn();
        cli.clock.advance(Duration.ofDays(1));
        assertThat(cli.run("users", "list")).isEqualTo(1);
        assertThat(cli.err)
                .isEqualTo(
                        "lyftdata: the session has expired: run lyftdata login ada, or set" + " LYFTDATA_API_TOKEN\n");
    }

    @Test
    void saysWhatToDoWithADamagedSession() throws IOException {
        logIn();
        Files.writeString(cli.sessionFile, "{\"url\":");
        assertThat(cli.run("users", "list")).isEqualTo(1);
        assertThat(cli.err)
                .isEqualTo(
                        "lyftdata: " + cli.sessionFile + " is damaged: delete it, then run lyftdata login" + " USER\n");
    }

    @Test
    void endsTheSessionHereAndThere() {
        logIn();
        assertThat(cli.run("logout")).as(cli.err).isZero();
        assertThat(server.asked().get(1).line()).isEqualTo("POST /api/logout");
        assertThat(server.asked().get(1).authorization()).isEqualTo("Bearer " + SESSION);
        assertThat(cli.sessionFile).doesNotExist();
        assertThat(cli.run("logout")).isZero();
    }

    @Test
    void aNewSessionEndsTheOneBeforeIt() throws IOException {
        logIn();
        String next = "lyd_se_fedcba9876543210";
        server.on("POST /api/login", 200, "{\"token\":\"" + next + "\",\"expiresAt\":\"2026-11-24T00:00:00.000Z\"}");
        logIn();
        assertThat(server.asked()).extracting(CannedServer.Asked::line).endsWith("POST /api/login", "POST /api/logout");
        assertThat(server.asked().get(2).authorization()).isEqualTo("Bearer " + SESSION);
        assertThat(Files.readString(cli.sessionFile)).contains(next);
        server.on("POST /api/logout", 401, "");
        logIn();
        assertThat(cli.err).as("one that has ended already").isEmpty();
        server.on("POST /api/logout", 503, "");
        logIn();
        assertThat(cli.err).contains("lives on at the server");
    }

    @Test
    void logsNobodyInWhileTheFormerSessionCannotBeRead() throws IOException {
        logIn();
        Files.writeString(cli.sessionFile, "{");
        cli.input = PASSWORD + "\n";
        assertThat(cli.run("login", "ada", "--url", server.url())).isEqualTo(1);
        assertThat(cli.err)
                .contains("is damaged: delete it, then run lyftdata login")
                .hasLineCount(1);
        assertThat(server.asked()).hasSize(1);
    }

    @Test
    void forgetsTheSessionEvenWhenTheServerIsAway() {
        logIn();
        server.close();
        assertThat(cli.run("logout")).isEqualTo(1);
        assertThat(cli.err).contains("lives on at the server");
        assertThat(cli.sessionFile).doesNotExist();
    }

    @Test
    void aPasswordComesFromTheTerminalWhenThereIsOne() {
        Deque<String> typed = new ArrayDeque<>(List.of("first password", "another one"));
        cli.person = prompt -> typed.poll();
        cli.environment.put("LYFTDATA_URL", server.url());
        cli.environment.put("LYFTDATA_API_TOKEN", "lyd_at_x");
        assertThat(cli.run("users", "set-password", "ada")).isEqualTo(1);
        assertThat(cli.err).isEqualTo("lyftdata: the two passwords differ: nothing was changed, try again\n");
        assertThat(server.asked()).isEmpty();
    }

    @Test
    void aMissingPasswordIsNotSent() {
        assertThat(cli.run("login", "ada", "--url", server.url())).isEqualTo(1);
        assertThat(cli.err).contains("standard input");
        assertThat(server.asked()).isEmpty();
    }
}

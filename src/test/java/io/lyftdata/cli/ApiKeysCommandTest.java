package io.lyftdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rotation shows how far it has come, and nobody ends every key by a slip. */
final class ApiKeysCommandTest {
    private static final String ORDER = "{\"order\":{\"number\":7,\"labels\":{},\"orderedAt\":"
            + "\"2026-11-24T12:00:00.000Z\",\"by\":\"ann\"},\"workers\":3,";
    private static final String BEGUN =
            ORDER + "\"confirmed\":0,\"left\":{\"waiting\":2,\"offline\":1},\"items\":[]," + "\"next\":null}";
    private static final String OVER = ORDER + "\"confirmed\":2,\"left\":{\"offline\":1},\"items\":[{\"workerId\":"
            + "\"web-3\",\"why\":\"offline\"}],\"next\":null}";

    private static final String ID = "0".repeat(32);

    @TempDir
    private Path home;

    private CannedServer server;
    private CommandLineRun cli;

    @BeforeEach
    void start() throws IOException {
        server = new CannedServer();
        server.on("POST /api/rotation", 200, BEGUN)
                .on("GET /api/rotation?order=7", 200, OVER)
                .on("GET /api/rotation", 200, OVER)
                .on("POST /api/keys/revoke", 200, "{\"keys\":3}");
        cli = CommandLineRun.withToken(home, server);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void watchesARotationUntilOnlyTheUnreachableAreLeft() {
        assertThat(cli.run("api-keys", "rotate", "--all", "--deadline", "10m", "--overlap", "0"))
                .as(cli.err)
                .isZero();
        assertThat(cli.err)
                .containsSubsequence("0 of 3 confirmed; left: ", "2 waiting", "2 of 3 confirmed; left: 1 offline");
        assertThat(cli.out).contains("web-3", "offline");
        assertThat(server.asked().get(0).body()).contains("\"all\":true", "\"deadline\":\"10m\"", "\"overlap\":\"0\"");
    }

    @Test
    void showsWhoIsDueWithoutAnOrder() {
        assertThat(cli.run("api-keys", "rotate")).as(cli.err).isZero();
        assertThat(cli.out).contains("2 of 3 confirmed", "web-3");
        assertThat(server.asked()).allMatch(asked -> asked.line().startsWith("GET"));
    }

    @Test
    void endsEveryKeyOnlyWhenBothWordsAreSaid() {
        assertThat(cli.run("api-keys", "revoke", "--all")).isEqualTo(2);
        assertThat(cli.run("api-keys", "revoke")).isEqualTo(2);
        assertThat(cli.run("api-keys", "revoke", "--all", "--now", ID)).isEqualTo(2);
        assertThat(cli.run("api-keys", "revoke", "--all", "--now", "--compromised"))
                .isEqualTo(2);
        assertThat(server.asked()).isEmpty();
        assertThat(cli.run("api-keys", "revoke", "--all", "--now")).as(cli.err).isZero();
        assertThat(cli.out).contains("3 keys are revoked");
    }

    @Test
    void saysOfALeakedKeyWhatRevokingDoesNotDo() {
        String view = "{\"id\":\"" + ID + "\",\"workerId\":\"web-1\",\"state\":\"revoked\"}";
        server.on("DELETE /api/keys/" + ID + "?reason=compromised", 200, view).on("DELETE /api/keys/" + ID, 200, view);
        assertThat(cli.run("api-keys", "revoke", ID, "--compromised"))
                .as(cli.err)
                .isZero();
        assertThat(cli.out)
                .contains("key " + ID + " of worker web-1 is revoked as compromised", "leaked key")
                .contains("stolen, run lyftdata workers isolate web-1 --reason TEXT")
                .hasLineCount(1);
        assertThat(cli.run("api-keys", "revoke", ID)).as(cli.err).isZero();
        assertThat(cli.out).isEqualTo("key " + ID + " of worker web-1 is revoked\n");
    }
}

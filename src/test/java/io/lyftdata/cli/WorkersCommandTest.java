package io.lyftdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.crypto.KeyString;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody isolates more workers than he was shown. */
final class WorkersCommandTest {
    private static final String ID = "0123456789abcdef0123456789abcdef";
    private static final String MATCHING = "{\"preview\":true,\"matched\":3,\"workers\":["
            + "{\"id\":\"web-1\",\"state\":\"online\",\"lastRequestAt\":\"2026-11-24T12:00:00.000Z\"},"
            + "{\"id\":\"web-2\",\"state\":\"new\"}],\"liveSecrets\":[\"" + ID + "\"]}";

    @TempDir
    private Path home;

    private CannedServer server;
    private CommandLineRun cli;

    @BeforeEach
    void start() throws IOException {
        server = new CannedServer();
        server.on("POST /api/workers/isolate", 200, MATCHING).on("POST /api/workers/release", 200, MATCHING);
        cli = CommandLineRun.withToken(home, server);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private List<String> bodies() {
        return server.asked().stream().map(CannedServer.Asked::body).toList();
    }

    @Test
    void aPreviewChangesNothing() {
        assertThat(cli.run("workers", "isolate", "--label", "zone=a", "--reason", "r", "--expires", "2h", "--dry-run"))
                .as(cli.err)
                .isZero();
        assertThat(cli.out).contains("web-1", "web-2", "2026-11-24T12:00:00.000Z", "2 to isolate, of 3 that match", ID);
        assertThat(bodies())
                .containsExactly("{\"scope\":{\"label\":{\"zone\":\"a\"}},\"reason\":\"r\","
                        + "\"expiresInSeconds\":7200,\"preview\":true}");
    }

    @Test
    void asksAPersonAndDoesNothingWithoutOne() {
        String[] line = {"workers", "isolate", "--admitted-by", ID, "--reason", "r"};
        assertThat(cli.run(line)).isEqualTo(1);
        assertThat(cli.err).contains("web-1", "--yes");
        cli.person = UnaryOperator.identity();
        cli.input = "no\n";
        assertThat(cli.run(line)).isEqualTo(1);
        assertThat(cli.err).contains("isolate 2 workers?");
        assertThat(bodies()).allMatch(body -> body.contains("\"preview\":true"));
        cli.input = "yes\n";
        assertThat(cli.run(line)).as(cli.err).isZero();
        assertThat(bodies().get(bodies().size() - 1)).contains("\"preview\":false");
    }

    @Test
    void aScriptSaysYes() {
        assertThat(cli.run("workers", "release", "--key", ID, "--yes", "--output", "json"))
                .as(cli.err)
                .isZero();
        assertThat(cli.out).contains("\"liveSecrets\"");
        assertThat(bodies()).hasSize(2);
    }

    @Test
    void aScopeIsOneAndNoSecret() {
        String secret = KeyString.generate(KeyString.Kind.WORKER).reveal();
        assertThat(cli.run("workers", "isolate", "--reason", "r")).isEqualTo(2);
        assertThat(cli.run("workers", "isolate", "web-1", "--label", "a=b", "--reason", "r"))
                .isEqualTo(2);
        for (String option : List.of("--key", "--admitted-by")) {
            assertThat(cli.run("workers", "isolate", option, secret, "--reason", "r"))
                    .isEqualTo(2);
            assertThat(cli.err).contains("never the key").doesNotContain(secret);
        }
        assertThat(server.asked()).isEmpty();
    }

    @Test
    void removingAndResettingSayWhatComesNext() {
        server.on("DELETE /api/workers/web-1", 204, "")
                .on(
                        "POST /api/workers/web-1/reset",
                        201,
                        "{\"workerId\":\"web-1\",\"keyId\":\"" + ID
                                + "\",\"key\":\"lyd_wk_secret\",\"expiresAt\":\"2026-12-01T00:00:00.000Z\"}");
        assertThat(cli.run("workers", "remove", "web-1")).as(cli.err).isZero();
        assertThat(cli.out).contains("lyftdata workers add web-1");
        assertThat(cli.run("workers", "reset", "web-1")).as(cli.err).isZero();
        assertThat(cli.out).contains("Empty the jobs directory", "lyd_wk_secret");
    }
}

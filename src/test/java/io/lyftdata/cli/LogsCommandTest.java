package io.lyftdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogsCommandTest {
    private static final String SINCE = "?since=2026-11-23T11%3A45%3A00.000Z&limit=";

    @TempDir
    private Path home;

    private CannedServer server;
    private CommandLineRun cli;

    @BeforeEach
    void start() throws IOException {
        server = new CannedServer();
        cli = CommandLineRun.withToken(home, server);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static String line(String message, String cursor) {
        return "{\"time\":\"2026-11-23T11:50:00.000Z\",\"level\":\"warn\",\"source\":\"/var/log/x\",\"message\":\""
                + message + "\",\"worker\":\"a\",\"cursor\":\"" + cursor + "\"}\n";
    }

    @Test
    void goesOnBehindTheLastLineUntilThereIsNoMore() {
        server.on("GET /api/workers/logs" + SINCE + "1000", 200, line("one", "c1") + line("two \\u001b[2J", "c2"))
                .on("GET /api/workers/logs" + SINCE + "1000&cursor=c2", 200, line("three", "c3"))
                .on("GET /api/workers/logs" + SINCE + "1000&cursor=c3", 200, "");
        assertThat(cli.run("workers", "logs", "--since", "15m")).as(cli.err).isZero();
        assertThat(cli.out).isEqualTo("""
                        2026-11-23T11:50:00.000Z WARN a /var/log/x: one
                        2026-11-23T11:50:00.000Z WARN a /var/log/x: two \\u001b[2J
                        2026-11-23T11:50:00.000Z WARN a /var/log/x: three
                        """);
    }

    @Test
    void stopsAtTheLimit() {
        server.on("GET /api/workers/a/logs" + SINCE + "2", 200, line("one", "c1") + line("two", "c2"));
        assertThat(cli.run("workers", "logs", "a", "--since", "15m", "--limit", "2"))
                .as(cli.err)
                .isZero();
        assertThat(cli.out.lines()).hasSize(2);
        assertThat(server.asked()).hasSize(1);
    }

    @Test
    void withoutATimePrintsTheNewestAsTheServerSentThem() {
        server.on("GET /api/workers/logs?level=warn&limit=100", 200, line("one", "c1") + line("two", "c2"));
        assertThat(cli.run("workers", "logs", "--level", "warn", "--output", "json"))
                .as(cli.err)
                .isZero();
        assertThat(cli.out).isEqualTo(line("one", "c1") + line("two", "c2"));
        assertThat(server.asked()).hasSize(1);
    }

    @Test
    void followsBehindTheNewestLine() {
        server.on("GET /api/workers/logs?limit=100", 200, line("one", "c1"))
                .on("GET /api/workers/logs?limit=1000&cursor=c1", 503, "");
        assertThat(cli.run("workers", "logs", "--follow")).isEqualTo(1);
        assertThat(cli.out.lines()).hasSize(1);
        assertThat(server.asked()).hasSize(2);
    }

    @Test
    void refusesATimeThatIsNone() {
        assertThat(cli.run("workers", "logs", "--since", "yesterday")).isEqualTo(2);
        assertThat(cli.err).contains("RFC 3339").hasLineCount(1);
    }
}

package io.lyftdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AuditListCommandTest {
    private static final String REST = "{\"items\":[],\"next\":null}";

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

    private static String entry(int position) {
        return "{\"position\":" + position + ",\"segment\":\"s\",\"time\":\"2026-11-23T11:50:00.000Z\","
                + "\"action\":\"USER_ADDED\",\"actorKind\":\"user\",\"actor\":\"ann\",\"keyId\":\"\","
                + "\"address\":\"192.0.2.1\",\"proxy\":\"\",\"requestId\":\"\",\"subject\":\"u" + position
                + "\\u001b\","
                + "\"difference\":{\"role\":{\"before\":\"viewer\",\"after\":[\"admin\"]}},\"outcome\":\"done\","
                + "\"count\":2,\"previous\":\"p\",\"hash\":\"h\"}";
    }

    private static String page(String next, int... positions) {
        StringBuilder items = new StringBuilder();
        for (int position : positions) {
            items.append(items.isEmpty() ? "" : ",").append(entry(position));
        }
        return "{\"items\":[" + items + "],\"next\":" + next + "}";
    }

    @Test
    void listsTheNewestAndSaysThatThereIsMore() {
        server.on(
                "GET /api/audit?action=user_added&since=2026-11-23T11%3A45%3A00.000Z&limit=2",
                200, page("\"c\"", 9, 8));
        assertThat(cli.run("audit", "list", "--action", "user_added", "--since", "15m", "--limit", "2"))
                .as(cli.err)
                .isZero();
        assertThat(cli.out.lines().toList().get(1))
                .isEqualTo("9         2026-11-23T11:50:00.000Z  USER_ADDED  u9\\u001b  user ann  192.0.2.1  done x2  "
                        + "role: \"viewer\" -> [\"admin\"]");
        assertThat(cli.err).contains("--limit N shows more");
    }

    @Test
    void aPageOfSettingsDoesNotMakeThePageUnreadable() {
        String wide = entry(1).replace("[\"admin\"]", "\"" + "x".repeat(5_000) + "\"");
        server.on("GET /api/audit?limit=100", 200, "{\"items\":[" + wide + "],\"next\":null}");
        assertThat(cli.run("audit", "list")).isZero();
        assertThat(cli.out.lines().toList().get(1)).hasSizeLessThan(200).endsWith("xxx\u2026");
        assertThat(cli.run("audit", "list", "--output", "json")).isZero();
        assertThat(cli.out).contains("x".repeat(5_000));
    }

    @Test
    void goesOnOverPagesToItsLimit() {
        server.on("GET /api/audit?limit=1000", 200, page("\"c\"", 9, 8))
                .on("GET /api/audit?limit=998&cursor=c", 200, page("null", 7));
        assertThat(cli.run("audit", "list", "--limit", "1000", "--output", "json"))
                .isZero();
        assertThat(cli.out).contains("\"position\" : 7", "\"next\" : null");
        assertThat(cli.err).isEmpty();
    }

    @Test
    void followsInOrderAndPrintsEachRecordOnce() {
        server.on("GET /api/audit?limit=1", 200, page("\"c\"", 8))
                .on("GET /api/audit?actor=ann&limit=100", 200, page("null", 9, 8, 5))
                .on("GET /api/audit?actor=ann&limit=1000&after=8", 200, page("\"9\"", 9))
                .on("GET /api/audit?actor=ann&limit=1000&after=9", 200, page("\"20\""))
                .on("GET /api/audit?actor=ann&limit=1000&after=20", 503, "");
        assertThat(cli.run("audit", "list", "--actor", "ann", "--follow")).isEqualTo(1);
        assertThat(cli.out.lines().map(line -> line.replaceAll("^\\S+ \\S+ (\\S+) .*", "$1")))
                .containsExactly("u5\\u001b", "u8\\u001b", "u9\\u001b");
        assertThat(cli.out.lines().findFirst().orElseThrow())
                .isEqualTo("2026-11-23T11:50:00.000Z USER_ADDED u5\\u001b by user ann from 192.0.2.1 done x2"
                        + " role: \"viewer\" -> [\"admin\"]");
    }

    @Test
    void followsAnEmptyLogFromItsBeginning() {
        server.on("GET /api/audit?limit=1", 200, REST)
                .on("GET /api/audit?limit=100", 200, REST)
                .on("GET /api/audit?limit=1000&after=0", 503, "");
        assertThat(cli.run("audit", "list", "--follow")).isEqualTo(1);
        assertThat(cli.out).isEmpty();
        assertThat(server.asked()).hasSize(3);
    }

    @Test
    void refusesALimitThatIsNone() {
        assertThat(cli.run("audit", "list", "--limit", "0")).isEqualTo(2);
        assertThat(cli.err).contains("--limit");
    }
}

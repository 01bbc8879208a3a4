package io.lyftdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import io.lyftdata.api.Page;
import io.lyftdata.api.Settings.Change;
import io.lyftdata.api.Settings.Entry;
import io.lyftdata.api.Settings.Revision;
import io.lyftdata.api.Settings.Value;
import io.lyftdata.client.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SettingsCommandTest {
    private static final String LISTED =
            "{\"key\":\"whitelist\",\"value\":[\"192.0.2.1\",\"192.0.2.2\"]," + "\"origin\":\"file\"}";
    private static final String EMPTY = "{\"key\":\"whitelist\",\"value\":[],\"origin\":\"default\"}";
    private static final String CERTIFICATE = "{\"key\":\"tls-cert\",\"value\":null,\"origin\":\"default\"}";
    private static final String CHANGE = "{\"key\":\"whitelist\",\"before\":{\"value\":[],\"origin\":\"default\"},"
            + "\"after\":{\"value\":[\"192.0.2.1\",\"192.0.2.2\"],\"origin\":\"file\"}}";

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

    private static String revision(int number, String changes, String settings) {
        return "{\"number\":" + number + ",\"time\":\"2026-11-23T11:50:00.000Z\",\"actor\":\"host\","
                + "\"file\":\"/etc/c.yml\",\"changes\":[" + changes + "]"
                + (settings.isEmpty() ? "" : ",\"settings\":[" + settings + "]") + "}";
    }

    @Test
    void showsEachSettingAndItsOrigin() throws IOException {
        server.on("GET /api/settings", 200, revision(2, CHANGE, LISTED + "," + CERTIFICATE));
        assertThat(cli.run("settings", "show")).as(cli.err).isZero();
        assertThat(cli.out).isEqualTo("""
                        KEY        VALUE                ORIGIN
                        whitelist  192.0.2.1,192.0.2.2  file
                        tls-cert   -                    default
                        """);
        assertThat(cli.run("settings", "show", "--output", "json")).isZero();
        assertThat(Json.MAPPER.readValue(cli.out, Revision.class).settings())
                .containsExactly(
                        new Entry("whitelist", List.of("192.0.2.1", "192.0.2.2"), "file"),
                        new Entry("tls-cert", null, "default"));
    }

    @Test
    void showsWhatDiffersBetweenTwoRevisionsInEitherOrder() throws IOException {
        server.on("GET /api/settings/history/1", 200, revision(1, "", EMPTY + "," + CERTIFICATE))
                .on("GET /api/settings/history/3", 200, revision(3, "", LISTED + "," + CERTIFICATE));
        assertThat(cli.run("settings", "show", "--diff", "1", "3")).as(cli.err).isZero();
        assertThat(cli.out).isEqualTo("""
                        KEY        BEFORE        AFTER
                        whitelist  [] (default)  [192.0.2.1, 192.0.2.2] (file)
                        """);
        assertThat(cli.run("settings", "show", "--diff", "3", "1", "--output", "json"))
                .isZero();
        Page<Change> page = Json.MAPPER.readValue(cli.out, new TypeReference<>() {});
        assertThat(page.items())
                .containsExactly(new Change(
                        "whitelist",
                        new Value(List.of("192.0.2.1", "192.0.2.2"), "file"),
                        new Value(List.of(), "default")));
    }

    @Test
    void saysWhichRevisionIsNotThere() {
        String problem =
                "{\"code\":\"not_found\",\"detail\":\"there is no revision 9: they are numbered from 1 to 3\"}";
        server.on("GET /api/settings/history/1", 200, revision(1, "", EMPTY))
                .on("GET /api/settings/history/9", 404, problem);
        assertThat(cli.run("settings", "show", "--diff", "1", "9")).isEqualTo(1);
        assertThat(cli.err)
                .contains("there is no revision 9: they are numbered from 1 to 3")
                .hasLineCount(1);
        assertThat(cli.run("settings", "show", "--diff", "1")).isEqualTo(2);
        assertThat(cli.run("settings", "show", "--diff", "1", "x")).isEqualTo(2);
        assertThat(cli.err).hasLineCount(1);
    }

    @Test
    void theHistoryHasALineForEachChange() {
        server.on(
                "GET /api/settings/history?limit=1000",
                200,
                "{\"items\":[" + revision(2, CHANGE, "") + "," + revision(1, CHANGE, "") + "],\"next\":null}");
        assertThat(cli.run("settings", "history")).as(cli.err).isZero();
        assertThat(cli.out.lines())
                .containsExactly(
                        "NUMBER  TIME                      ACTOR  FILE        KEY                   BEFORE        AFTER",
                        "2       2026-11-23T11:50:00.000Z  host   /etc/c.yml  whitelist             [] (default) "
                                + " [192.0.2.1, 192.0.2.2] (file)",
                        "1       2026-11-23T11:50:00.000Z  host   /etc/c.yml  (the first settings)  -             -");
        assertThat(cli.run("settings", "history", "--output", "json")).isZero();
        assertThat(cli.out).contains("\"after\"", "\"next\" : null");
    }
}

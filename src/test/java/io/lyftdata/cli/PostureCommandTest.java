package io.lyftdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.api.posture.Report;
import io.lyftdata.client.Json;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PostureCommandTest {
    private static final String FOUND = "{\"subject\":\"admin\",\"sentence\":\"the first password is in force\","
            + "\"remedy\":\"lyftdata users set-password admin\"}";
    private static final String BORNE =
            "{\"subject\":\"/data\",\"sentence\":\"not encrypted\",\"remedy\":\"cryptsetup\","
                    + "\"since\":\"2026-11-23T12:00:00.000Z\",\"waiver\":{\"reason\":\"a test\",\"until\":\"2027-01-31\"}}";

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

    private static String check(String id, String severity, String state, int count, int waived, String findings) {
        return "{\"id\":\"" + id + "\",\"severity\":\"" + severity + "\",\"state\":\"" + state + "\",\"looksAt\":\"\","
                + "\"why\":\"\",\"mend\":\"mend it\",\"count\":" + count + ",\"waived\":" + waived + ",\"findings\":["
                + findings + "]}";
    }

    private void answer(int high, int medium, int waived, String checks) {
        String counts = "{\"high\":" + high + ",\"medium\":" + medium + ",\"low\":0}";
        server.on(
                "GET /api/posture",
                200,
                "{\"schema\":1,\"time\":\"2026-11-23T12:00:00.000Z\",\"millis\":12,\"findings\":" + counts
                        + ",\"waived\":" + waived + ",\"checks\":[" + checks + "]}");
    }

    private void answerWithFindings() {
        String disk = check("disk-encryption", "medium", "found", 11, 1, BORNE);
        answer(1, 11, 1, disk + "," + check("admin-password", "high", "found", 1, 0, FOUND));
    }

    @Test
    void theWorstStandsFirstAndTheExitCodeIsThree() throws IOException {
        answerWithFindings();
        assertThat(cli.run("posture")).as(cli.err).isEqualTo(3);
        assertThat(cli.out.replaceAll(" {2,}", " | ")).isEqualTo("""
                        SEVERITY | CHECK | SUBJECT | FINDING | REMEDY
                        high | admin-password | admin | the first password is in force | lyftdata users set-password admin
                        medium | disk-encryption | /data | not encrypted (waived until 2027-01-31: a test) | cryptsetup
                        medium | disk-encryption | and 11 more | the same | mend it
                        2 checks: 1 high, 11 medium, 0 low, 1 waived
                        """);
        assertThat(cli.run("posture", "--output", "json")).isEqualTo(3);
        Report report = Json.MAPPER.readValue(cli.out, Report.class);
        assertThat(report.schema()).isEqualTo(1);
        assertThat(report.checks().get(0).findings().get(0).waiver())
                .isEqualTo(new Report.Waiver("a test", "2027-01-31"));
    }

    @Test
    void coloursForPeopleOnly() {
        answerWithFindings();
        cli.run("posture");
        assertThat(cli.out).doesNotContain("\u001b");
        cli.person = prompt -> "";
        assertThat(cli.run("posture")).isEqualTo(3);
        assertThat(cli.out).contains("\n\u001b[1;31mhigh\u001b[0m  ").contains("\n\u001b[33mmedium\u001b[0m  ");
        cli.environment.put("NO_COLOR", "1");
        cli.run("posture");
        assertThat(cli.out).doesNotContain("\u001b");
    }

    @Test
    void aCleanDeploymentIsOneLineAndZero() {
        answer(0, 0, 0, check("admin-password", "high", "clear", 0, 0, ""));
        assertThat(cli.run("posture")).as(cli.err).isZero();
        assertThat(cli.out).isEqualTo("1 checks: nothing found\n");
        answer(0, 0, 1, check("disk-encryption", "medium", "waived", 0, 1, BORNE));
        assertThat(cli.run("posture"))
                .as("what is waived is shown, and no fault")
                .isZero();
        assertThat(cli.out).contains("waived until 2027-01-31").endsWith("1 checks: nothing found, 1 waived\n");
    }
}

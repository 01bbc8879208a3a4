package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import io.lyftdata.api.Page;
import io.lyftdata.api.audit.Entry;
import io.lyftdata.api.posture.Report;
import io.lyftdata.api.posture.Report.Check;
import io.lyftdata.client.Json;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The posture of a running server: route, task, record, metrics, and waivers that a reload brings. */
class PostureRunTest {
    private static final TypeReference<Page<Entry>> RECORDS = new TypeReference<>() {};
    private static final String FIXED = "bind-address: 127.0.0.1:0\nadmin-bind-address: 127.0.0.1:0\n";

    private static TestServer server;

    @TempDir
    static Path directory;

    @BeforeAll
    static void start() throws IOException {
        Files.writeString(directory.resolve("c.yml"), FIXED);
        server = TestServer.startOn(directory.resolve("c.yml"), directory.resolve("staging"));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static Report look() {
        return server.admin().get(Report.PATH, Map.of(), Report.class);
    }

    private static Check check(Report report, String id) {
        return report.checks().stream()
                .filter(check -> check.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static RawClient.Answer call(String method, String path) throws IOException {
        String token = "Authorization: Bearer " + server.adminToken();
        RawClient.Answer answer = RawClient.plain(server.adminUrl()).call("127.0.0.1", method, path, "", token);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer;
    }

    private static List<Entry> records() {
        return server.admin()
                .get("/api/audit", Map.of("action", "POSTURE_CHECKED"), RECORDS)
                .items();
    }

    @Test
    void theTaskRecordsWhatTheRouteOnlyShows() throws IOException {
        int before = records().size();
        assertThat(check(look(), "admin-password").count()).isEqualTo(1);
        assertThat(records()).hasSize(before);
        Report recorded = Json.MAPPER.readValue(call("POST", "/tasks/posture").body(), Report.class);
        assertThat(records()).hasSize(before + 1);
        assertThat(records().get(0).actorKind()).isEqualTo("host");
        assertThat(check(recorded, "admin-password").findings().get(0).since()).isNotNull();
        assertThat(call("GET", "/metrics").body())
                .contains("lyftdata_server_posture_findings_check_admin_password 1.0\n")
                .contains("lyftdata_server_posture_findings_high "
                        + (double) recorded.findings().high() + "\n");
    }

    @Test
    void anOpenFileIsFoundAndTheRemedyMendsIt() throws Exception {
        Path key = server.staging().resolve("tls/ca.key");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));
        Check found = check(look(), "file-modes");
        assertThat(found.findings()).extracting(Report.Finding::subject).containsExactly(key.toString());
        String remedy = found.findings().get(0).remedy();
        assertThat(new ProcessBuilder(remedy.split(" ", -1)).start().waitFor())
                .as(remedy)
                .isZero();
        assertThat(check(look(), "file-modes").count()).isZero();
    }

    @Test
    void waiversComeWithAReload() throws IOException {
        Files.writeString(
                directory.resolve("c.yml"),
                FIXED + "posture:\n  waivers:\n"
                        + "    - {check: admin-password, subject: admin, reason: of a test, until: 2999-12-31}\n");
        try {
            assertThat(call("POST", "/tasks/reload-configuration").body()).contains("\"needsRestart\":[]");
            assertThat(check(look(), "admin-password").state()).isEqualTo(Report.State.WAIVED);
            assertThat(check(look(), "waivers").findings().get(0).sentence()).contains("more than a year");
            assertThat(call("POST", "/tasks/reload-configuration").body())
                    .as("the same waivers are no change")
                    .contains("\"changes\":[]");
        } finally {
            Files.writeString(directory.resolve("c.yml"), FIXED);
            call("POST", "/tasks/reload-configuration");
        }
        assertThat(check(look(), "admin-password").state()).isEqualTo(Report.State.FOUND);
    }
}

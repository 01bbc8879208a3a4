package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What an operator's monitoring sees of the server, and that the dashboard and the alerts look at what is there. */
class MonitoringTest {
    private static final String LOCAL = "127.0.0.1";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Path MONITORING = Path.of("docs/monitoring");

    private static TestServer server;
    private static RawClient raw;
    private static String viewer;

    @BeforeAll
    static void start() {
        server = TestServer.shared();
        raw = RawClient.of(server);
        viewer = "Authorization: Bearer " + server.token("viewer");
    }

    private static String metrics() throws IOException {
        return raw.call(LOCAL, "GET", "/metrics", "", viewer).body();
    }

    private static double value(String sample) throws IOException {
        Matcher matcher =
                Pattern.compile("(?m)^" + Pattern.quote(sample) + " (\\S+)$").matcher(metrics());
        return matcher.find() ? Double.parseDouble(matcher.group(1)) : 0;
    }

    /** The answer is counted once it is sent, which may be after it has arrived. */
    private static void awaitOneMore(String sample, double before) {
        await().atMost(PATIENCE).until(() -> value(sample) >= before + 1);
    }

    @Test
    void countsEachAnswerUnderItsRouteNotItsPath() throws IOException {
        String found = "lyftdata_server_http_requests_total{method=\"GET\",route=\"/api/workers/{id}\",status=\"404\"}";
        String lost = "lyftdata_server_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"}";
        double before = value(found);
        double lostBefore = value(lost);
        raw.call(LOCAL, "GET", "/api/workers/no-such-worker", "", viewer);
        raw.call(LOCAL, "GET", "/no/such/route", "", viewer);
        awaitOneMore(found, before);
        awaitOneMore(lost, lostBefore);
        assertThat(metrics()).doesNotContain("no-such-worker", "no/such");
    }

    @Test
    void countsVerdictsByKindOfCredentialAndCode() throws IOException {
        String good = "lyftdata_server_auth_verdicts_total{code=\"ok\",kind=\"api_token\"}";
        String missing = "lyftdata_server_auth_verdicts_total{code=\"credentials_missing\",kind=\"none\"}";
        String role = "lyftdata_server_auth_verdicts_total{code=\"role_missing\",kind=\"api_token\"}";
        double goodBefore = value(good);
        double missingBefore = value(missing);
        double roleBefore = value(role);
        raw.call(LOCAL, "GET", "/api/workers", "");
        raw.call(LOCAL, "GET", "/api/users", "", viewer);
        awaitOneMore(good, goodBefore);
        awaitOneMore(missing, missingBefore);
        awaitOneMore(role, roleBefore);
    }

    @Test
    void knowsHowManyWorkersAreInWhichState() throws IOException {
        double online = value("lyftdata_server_workers{state=\"online\"}");
        TestWorker worker = TestWorker.enroll(server, "monitored");
        worker.beat();
        assertThat(value("lyftdata_server_workers{state=\"online\"}")).isEqualTo(online + 1);
        assertThat(metrics()).contains("lyftdata_server_workers{state=\"isolated\"} ");
    }

    @Test
    void tellsTheSameOnTheAdminConnector() throws IOException {
        String admin = RawClient.plain(server.adminUrl())
                .call(LOCAL, "GET", "/metrics", "", "Authorization: Bearer " + server.adminToken())
                .body();
        assertThat(families(admin)).isEqualTo(families(metrics())).contains("lyftdata_server_audit_rolled_back");
    }

    @Test
    void promtoolFindsNothingToSay() throws Exception {
        Path promtool = Path.of("/usr/bin/promtool");
        assumeThat(promtool).isExecutable();
        Process check = new ProcessBuilder(promtool.toString(), "check", "metrics")
                .redirectErrorStream(true)
                .start();
        try (OutputStream in = check.getOutputStream()) {
            in.write(metrics().getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(check.waitFor()).as(said).isZero();
        assertThat(said.lines().filter(line -> line.contains("lyftdata_"))).isEmpty();
    }

    @Test
    void dashboardAndAlertsAskOnlyForWhatTheServerTells() throws IOException {
        Set<String> told = families(metrics());
        // The hardening checks run first when the server is a minute old.
        told.add("lyftdata_server_posture_findings_high");
        StringBuilder asked = new StringBuilder(Files.readString(MONITORING.resolve("alerts.yml")));
        JsonNode dashboard =
                new ObjectMapper().readTree(MONITORING.resolve("dashboard.json").toFile());
        assertThat(dashboard.findValuesAsText("expr")).isNotEmpty();
        dashboard.findValuesAsText("expr").forEach(asked::append);
        Matcher names = Pattern.compile("lyftdata_server_[a-z0-9_]+|process_[a-z_]+|jvm_[a-z_]+")
                .matcher(asked);
        Set<String> unknown = new TreeSet<>();
        while (names.find()) {
            String family = names.group().replaceFirst("_(bucket|sum|count)$", "");
            if (!told.contains(family)) {
                unknown.add(names.group());
            }
        }
        assertThat(unknown).isEmpty();
    }

    private static Set<String> families(String exposition) {
        Set<String> names = new TreeSet<>();
        Matcher type = Pattern.compile("(?m)^# TYPE (\\S+) ").matcher(exposition);
        while (type.find()) {
            names.add(type.group(1));
        }
        return names;
    }
}

package io.lyftdata.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lyftdata.api.incident.Incidents;
import io.lyftdata.api.incident.Incidents.Open;
import io.lyftdata.api.incident.Incidents.Ran;
import io.lyftdata.api.incident.Incidents.Run;
import io.lyftdata.api.incident.Incidents.Scope;
import io.lyftdata.api.incident.Incidents.View;
import io.lyftdata.api.incident.Report;
import io.lyftdata.api.incident.Report.Signed;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.Json;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.Identity;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the report tells, and who vouches for it. */
class ReportTest {
    @TempDir
    static Path directory;

    private static TestServer server;
    private static ApiClient admin;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start(directory.resolve("staging"), Map.of());
        admin = server.admin();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static View open(String reason, Scope scope) {
        Instant since = Instant.now().minus(Duration.ofHours(1));
        return admin.post(Incidents.PATH, new Open(reason, scope, since, null, null, null), View.class);
    }

    private static Signed signed(String id) {
        return admin.get(Incidents.PATH + "/" + id + "/report", Map.of(), Signed.class);
    }

    private static Report read(Signed signed) throws IOException {
        return Json.MAPPER.readValue(signed.json(), Report.class);
    }

    @Test
    void tellsWhoIsImpactedWhatWasDoneAndWhatIsLeft() throws IOException {
        TestWorker worker = TestWorker.enroll(server, "told-1", Map.of("zone", "eu"));
        TestWorker.enroll(server, "told-2");
        worker.beat();
        View incident =
                open("key seen <b>elsewhere</b> | really", new Scope(List.of("told-1"), null, null, null, null, null));
        admin.post(Incidents.PATH + "/" + incident.id() + "/run", new Run("isolate", null), Ran.class);
        Signed signed = signed(incident.id());
        Report report = read(signed);
        assertThat(report.scope().workers()).hasSize(1);
        Report.Worker told = report.scope().workers().get(0);
        assertThat(told.id()).isEqualTo("told-1");
        assertThat(told.state()).isEqualTo("isolated");
        assertThat(told.lastRequestAt()).isBefore(told.isolatedAt());
        assertThat(told.keys())
                .extracting(Report.Key::id)
                .containsExactly(worker.key().id());
        assertThat(report.scope().secrets()).containsEntry(told.admittedBy(), 1L);
        assertThat(report.scope().addresses()).containsEntry("127.0.0.1", 1L);
        Report.Control isolate = report.controls().get(0);
        assertThat(isolate.name()).isEqualTo("isolate");
        assertThat(isolate.state()).isEqualTo("done");
        assertThat(isolate.effectMillis()).isBetween(0L, 1000L);
        assertThat(report.changes())
                .anyMatch(change -> change.action().equals("WORKER_ISOLATED")
                        && change.by().equals("user admin")
                        && change.subjects().contains("told-1"))
                .anyMatch(change -> change.action().equals("WORKER_ADMITTED")
                        && change.by().equals("workers")
                        && change.count() >= 2);
        assertThat(report.open())
                .anyMatch(end -> end.contains("the incident is open"))
                .anyMatch(end -> end.contains("step evidence is due"))
                .anyMatch(end -> end.startsWith("1 of 1 impacted workers are isolated"));
        assertThat(report.incident().timeline())
                .extracting(Incidents.Moment::what)
                .contains("opened", "begun", "done");
        assertThat(signed.markdown())
                .contains("# Incident " + incident.id(), "| isolate | done | ", "## What is still open")
                .contains("key seen \\<b\\>elsewhere\\</b\\> \\| really")
                .doesNotContain("<b>");
    }

    @Test
    void isVouchedForByTheSigningKeyAndByNothingElse() throws Exception {
        View incident = open("a leak", new Scope(null, null, null, null, null, true));
        Signed signed = signed(incident.id());
        SigningKey key = SigningKey.open(server.staging().resolve("signing.key"));
        assertThat(signed.publicKey()).isEqualTo(key.publicKey());
        byte[] sums = signed.sums().getBytes(StandardCharsets.UTF_8);
        assertThat(Identity.verify(signed.publicKey(), sums, signed.signature()))
                .isTrue();
        assertThat(signed.sums())
                .startsWith("lyftdata-incident-report-v1\ninstallation ")
                .contains(
                        Digests.sha256Hex(signed.json()) + "  incident-" + incident.id() + ".json\n",
                        Digests.sha256Hex(signed.markdown()) + "  incident-" + incident.id() + ".md\n");
        sums[sums.length / 2] ^= 1;
        assertThat(Identity.verify(signed.publicKey(), sums, signed.signature()))
                .isFalse();
    }

    @Test
    void opensslAndSha256sumCheckItAsThePlaybookSays() throws Exception {
        assumeTrue(sh("openssl version | grep -q '^OpenSSL 3'") == 0, "OpenSSL 3 is not installed");
        View incident = open("a leak", new Scope(null, null, null, null, null, true));
        Signed signed = signed(incident.id());
        String stem = "incident-" + incident.id();
        write(stem + ".json", signed.json());
        write(stem + ".md", signed.markdown());
        write(stem + ".sums", signed.sums());
        Files.write(directory.resolve(stem + ".sums.sig"), Base64.getDecoder().decode(signed.signature()));
        write("signing.pem", "-----BEGIN PUBLIC KEY-----\n" + signed.publicKey() + "\n-----END PUBLIC KEY-----\n");
        String verify = "openssl pkeyutl -verify -pubin -inkey signing.pem -rawin -in " + stem + ".sums -sigfile "
                + stem + ".sums.sig";
        String sums = "sed -n '4,$p' " + stem + ".sums | sha256sum --check --strict";
        String fingerprint = SigningKey.open(server.staging().resolve("signing.key"))
                .fingerprint()
                .substring("sha256:".length());
        assertThat(sh(verify)).isZero();
        assertThat(sh(sums)).isZero();
        assertThat(sh("openssl pkey -pubin -in signing.pem -outform DER | sha256sum | grep -q " + fingerprint))
                .isZero();
        write(stem + ".md", signed.markdown().replaceFirst("a leak", "a leap"));
        assertThat(sh(sums)).isNotZero();
        write(stem + ".sums", signed.sums().replaceFirst("installation .", "installation x"));
        assertThat(sh(verify)).isNotZero();
    }

    private static void write(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }

    private static int sh(String command) throws Exception {
        return new ProcessBuilder("sh", "-c", command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    @Test
    void anUnknownIncidentHasNone() {
        assertThatThrownBy(() -> signed("20260101-aaaaaa")).hasMessageContaining("no such incident");
    }

    @Test
    void tenThousandWorkersAreAllThereAndTheirIsolationIsOneLine() throws Exception {
        try (TestServer large = TestServer.start(directory.resolve("large"), Map.of());
                Connection connection = DriverManager.getConnection(
                        "jdbc:sqlite:" + large.staging().resolve("control.db"));
                Statement sql = connection.createStatement()) {
            sql.execute("PRAGMA busy_timeout = 20000");
            String series = " WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 10000) ";
            sql.execute("INSERT INTO worker (id, state, labels, created_at, admitted_by, admitted_from, admitted_at)"
                    + series + "SELECT 'w-' || n, 'active', '{\"zone\":\"eu\"}', 1, 'some', '10.0.0.' || (n % 250), 1"
                    + " FROM i");
            for (int kind = 1; kind <= 2; kind++) {
                sql.execute("INSERT INTO api_key (id, worker_id, kind, state, hash, created_at, ledger, rotation)"
                        + series + "SELECT printf('" + kind + "%031x', n), 'w-' || n, 'worker', 'active', '" + kind
                        + "-' || n, 1, 0, 0 FROM i");
            }
            ApiClient client = large.admin();
            View incident = client.post(
                    Incidents.PATH,
                    new Open("all", new Scope(null, null, null, null, true, null), null, null, null, null),
                    View.class);
            client.post(Incidents.PATH + "/" + incident.id() + "/run", new Run("isolate", null), Ran.class);
            Signed signed = client.get(Incidents.PATH + "/" + incident.id() + "/report", Map.of(), Signed.class);
            Report report = read(signed);
            assertThat(report.scope().workers()).hasSize(10_000);
            assertThat(report.changes())
                    .anyMatch(change -> change.action().equals("WORKER_ISOLATED") && change.count() == 10_000);
            assertThat(signed.markdown()).contains("The first 200 of 10000; the JSON form has all.");
        }
    }
}

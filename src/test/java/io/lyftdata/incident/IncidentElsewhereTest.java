package io.lyftdata.incident;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lyftdata.api.backup.Backups;
import io.lyftdata.api.certificate.Serving;
import io.lyftdata.api.incident.Incidents;
import io.lyftdata.api.incident.Incidents.Open;
import io.lyftdata.api.incident.Incidents.Ran;
import io.lyftdata.api.incident.Incidents.Run;
import io.lyftdata.api.incident.Incidents.Scope;
import io.lyftdata.api.incident.Incidents.Skip;
import io.lyftdata.api.incident.Incidents.Step;
import io.lyftdata.api.incident.Incidents.View;
import io.lyftdata.api.incident.Report.Signed;
import io.lyftdata.client.ApiClient;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.Identity;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.testing.AgeKeys;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.TestCertificates;
import io.lyftdata.testing.TestCertificates.Wish;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An incident where the certificate is not the server's own, the backups elsewhere, or the database PostgreSQL. */
class IncidentElsewhereTest {
    private static final Instant BEGIN = Instant.now().minus(Duration.ofHours(1));
    private static final CertifiedKey AUTHORITY =
            Wish.authority("test", "P-256", BEGIN).selfSigned();

    @TempDir
    Path directory;

    private ApiClient admin;

    private View open(String worker) {
        Scope scope = new Scope(List.of(worker), null, null, null, null, null);
        return admin.post(Incidents.PATH, new Open("a test", scope, null, null, null, null), View.class);
    }

    private Step run(View incident, String step) {
        Run wish = new Run(step, null);
        return step(
                admin.post(Incidents.PATH + "/" + incident.id() + "/run", wish, Ran.class)
                        .incident(),
                step);
    }

    private View run(View incident) {
        return admin.post(Incidents.PATH + "/" + incident.id() + "/run", new Run(null, null), Ran.class)
                .incident();
    }

    private static Step step(View incident, String name) {
        return incident.steps().stream()
                .filter(step -> step.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private String served() {
        return admin.get(Serving.PATH, Map.of(), Serving.class).fingerprint();
    }

    private void give() throws IOException {
        CertifiedKey leaf = Wish.leaf("P-256", BEGIN).by(AUTHORITY);
        TestCertificates.write(directory.resolve("server.crt"), leaf.certificatePem() + AUTHORITY.certificatePem());
        TestCertificates.write(directory.resolve("server.key"), leaf.keyPem());
    }

    @ParameterizedTest
    @EnumSource
    void aGivenCertificateWaitsForTheNextOne(Engine engine) throws IOException {
        give();
        String database = engine == Engine.POSTGRESQL ? "database-url: " + Engine.newPostgresqlUrl() + "\n" : "";
        String settings = "tls-cert: " + directory.resolve("server.crt") + "\ntls-key: "
                + directory.resolve("server.key") + "\n" + database;
        try (TestServer server = TestServer.startWith(directory.resolve("staging"), settings)) {
            admin = server.admin();
            TestWorker bad = TestWorker.enroll(server, "bad");
            TestWorker good = TestWorker.enroll(server, "good");
            good.beat();
            View incident = open("bad");
            assertThat(run(incident, "isolate").state()).isEqualTo("done");
            assertThatThrownBy(bad::beat).hasMessageContaining("isolated");
            assertThat(run(incident, "worker-keys").state()).isEqualTo("done");
            assertThat(good.beat().keyDue()).isTrue();
            String before = served();
            Step waiting = run(incident, "certificate");
            assertThat(waiting.state()).as(waiting.said()).isEqualTo("waiting");
            assertThat(waiting.said()).contains("tls-cert and tls-key");
            give();
            Step done = run(incident, "certificate");
            assertThat(done.state()).isEqualTo("done");
            assertThat(served()).isNotEqualTo(before);
            assertThat(done.said()).contains(served());
        }
    }

    @Test
    void aGivenCertificateThatIsServedSinceTheOpeningIsTheNextOne() throws IOException {
        give();
        String settings =
                "tls-cert: " + directory.resolve("server.crt") + "\ntls-key: " + directory.resolve("server.key");
        try (TestServer server = TestServer.startWith(directory.resolve("staging"), settings)) {
            admin = server.admin();
            TestWorker.enroll(server, "bad");
            String before = served();
            View incident = open("bad");
            give();
            await().atMost(Duration.ofSeconds(60)).until(() -> !served().equals(before));
            Step done = run(incident, "certificate");
            assertThat(done.state()).as(done.said()).isEqualTo("done");
            assertThat(done.facts()).containsEntry("before", before).containsEntry("fingerprint", served());
        }
    }

    private void proveABackup() {
        Backups.Run made = admin.post(Backups.PATH, Map.of(), Backups.Run.class);
        admin.post(Backups.PROOF_PATH, new Backups.Proof(made.backup().sha256()), Void.class);
    }

    @Test
    void aBackupDirectoryThatVanishesFailsItsStepUntilItIsBack() throws IOException {
        Path backups = Files.createDirectory(directory.resolve("backups"));
        String settings = "backup: {recipients: [" + AgeKeys.generate().recipient() + "], directory: " + backups + "}";
        try (TestServer server = TestServer.startWith(directory.resolve("staging"), settings)) {
            admin = server.admin();
            proveABackup();
            TestWorker.enroll(server, "bad");
            View incident = open("bad");
            assertThat(run(incident, "isolate").state()).isEqualTo("done");
            Path gone = Files.move(backups, directory.resolve("gone"));
            View after = run(incident);
            assertThat(step(after, "restore").state()).isEqualTo("failed");
            assertThat(step(after, "restore").said()).startsWith(backups + ", where the backups are, is not there");
            assertThat(step(after, "evidence").state()).isEqualTo("done");
            Files.move(gone, backups);
            View last = run(incident);
            assertThat(last.steps()).extracting(Step::state).containsOnly("done");
            assertThat(last.timeline().stream().filter(moment -> "done".equals(moment.what())))
                    .extracting(Incidents.Moment::step)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void aWholeIncidentOnPostgresql() throws IOException {
        String settings = "backup: {recipients: [" + AgeKeys.generate().recipient() + "]}\ndatabase-url: "
                + Engine.newPostgresqlUrl();
        try (TestServer server = TestServer.startWith(directory.resolve("staging"), settings)) {
            admin = server.admin();
            proveABackup();
            TestWorker bad = TestWorker.enroll(server, "bad");
            TestWorker good = TestWorker.enroll(server, "good");
            good.beat();
            View incident = open("bad");
            assertThat(step(run(incident), "convergence").state()).isEqualTo("waiting");
            assertThatThrownBy(bad::beat).hasMessageContaining("isolated");
            good.rotate(server).beat();
            View last = run(incident);
            assertThat(last.steps()).extracting(Step::state).containsOnly("done");
            assertThat(step(last, "restore").said())
                    .contains("new workers bad, good", "isolated bad, keys revoked of bad");
            assertThat(step(last, "review").facts()).containsKey("byActor");
            String path = Incidents.PATH + "/" + incident.id();
            admin.post(path + "/close", new Incidents.Close("found"), View.class);
            Signed report = admin.get(path + "/report", Map.of(), Signed.class);
            byte[] sums = report.sums().getBytes(StandardCharsets.UTF_8);
            assertThat(report.publicKey())
                    .isEqualTo(SigningKey.open(server.staging().resolve("signing.key"))
                            .publicKey());
            assertThat(Identity.verify(report.publicKey(), sums, report.signature()))
                    .isTrue();
            assertThat(report.sums()).contains(Digests.sha256Hex(report.json()), Digests.sha256Hex(report.markdown()));
            assertThat(report.markdown()).contains("| state | closed |", "| evidence | done |", "WORKER_ISOLATED");
        }
    }

    @Test
    void aProxysCertificateIsReplacedThere() throws IOException {
        try (TestServer server = TestServer.startWith(directory.resolve("staging"), "disable-tls: true")) {
            admin = server.admin();
            TestWorker.enroll(server, "bad");
            View incident = open("bad");
            Step waiting = run(incident, "certificate");
            assertThat(waiting.state()).as(waiting.said()).isEqualTo("waiting");
            assertThat(waiting.said()).contains("at its proxy, then skip this step");
            Skip replaced = new Skip("certificate", "the proxy's was replaced");
            View after = admin.post(Incidents.PATH + "/" + incident.id() + "/skip", replaced, View.class);
            assertThat(step(after, "certificate").state()).isEqualTo("skipped");
        }
    }
}

package io.lyftdata.incident;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.type.TypeReference;
import io.lyftdata.api.Accounts.SetPassword;
import io.lyftdata.api.Accounts.User;
import io.lyftdata.api.Page;
import io.lyftdata.api.Workers;
import io.lyftdata.api.audit.Entry;
import io.lyftdata.api.backup.Backups;
import io.lyftdata.api.certificate.RotateCa;
import io.lyftdata.api.certificate.Serving;
import io.lyftdata.api.incident.Incidents;
import io.lyftdata.api.incident.Incidents.Open;
import io.lyftdata.api.incident.Incidents.Ran;
import io.lyftdata.api.incident.Incidents.Run;
import io.lyftdata.api.incident.Incidents.Scope;
import io.lyftdata.api.incident.Incidents.Skip;
import io.lyftdata.api.incident.Incidents.View;
import io.lyftdata.api.incident.Report.Signed;
import io.lyftdata.client.ApiClient;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.testing.AgeKeys;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole checklist, on a server of its own since it ends everything that gets in. */
class IncidentRunTest {
    @TempDir
    Path directory;

    private TestServer server;
    private ApiClient admin;

    @BeforeEach
    void start() throws IOException {
        String recipient = AgeKeys.generate().recipient();
        server = TestServer.startWith(directory.resolve("staging"), "backup: {recipients: [" + recipient + "]}");
        admin = server.admin();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private View open(Scope scope, String enrollment, Boolean ca) {
        return admin.post(Incidents.PATH, new Open("a test", scope, null, enrollment, ca, null), View.class);
    }

    private Ran run(View incident) {
        return admin.post(Incidents.PATH + "/" + incident.id() + "/run", new Run(null, null), Ran.class);
    }

    private View skip(View incident, String step) {
        return admin.post(Incidents.PATH + "/" + incident.id() + "/skip", new Skip(step, "a test"), View.class);
    }

    private static Map<String, String> states(View view) {
        return view.steps().stream().collect(Collectors.toMap(Incidents.Step::name, Incidents.Step::state));
    }

    private static Scope of(String worker) {
        return new Scope(List.of(worker), null, null, null, null, null);
    }

    private static final Scope NOBODY = new Scope(null, null, null, null, null, true);

    @Test
    void endsEveryWayInButTheCallersOwnAndDoesNothingTwice() {
        TestWorker bad = TestWorker.enroll(server, "bad");
        TestWorker good = TestWorker.enroll(server, "good");
        bad.beat();
        good.beat();
        ApiClient thief = server.admin();
        String token = server.token("admin");
        View opened = open(of("bad"), "rotate", null);

        Ran first = run(opened);
        assertThat(states(first.incident()))
                .containsEntry("isolate", "done")
                .containsEntry("worker-keys", "done")
                .containsEntry("enrollment", "done")
                .containsEntry("tokens", "done")
                .containsEntry("sessions", "done")
                .containsEntry("passwords", "done")
                .containsEntry("certificate", "done")
                .containsEntry("convergence", "waiting")
                .containsEntry("restore", "failed")
                .containsEntry("posture", "due")
                .containsEntry("review", "due");
        assertThat(first.enrollmentSecret()).startsWith("lyd_");
        assertThatThrownBy(bad::beat).hasMessageContaining("isolated");
        assertThatThrownBy(() -> thief.get("/api/users", Map.of(), new TypeReference<Page<User>>() {}))
                .hasMessageContaining("ended");
        ApiClient scripted = server.client().authorized("Bearer", new Secret(token));
        assertThatThrownBy(() -> scripted.get("/api/users", Map.of(), new TypeReference<Page<User>>() {}))
                .hasMessageContaining("revoked");
        assertThatThrownBy(server::admin).hasMessageContaining("wrong");
        assertThatThrownBy(() -> TestWorker.enroll(server, "late")).hasMessageContaining("secret");
        TestWorker.enrollBy(server, first.enrollmentSecret(), "later", Map.of()).beat();

        assertThat(said(opened, "convergence")).contains("left: 1 isolated, 1 waiting (good)");
        assertThat(said(opened, "posture")).isEqualTo("waits for: convergence; then runs every posture check");
        assertThat(said(opened, "evidence")).startsWith("waits for: convergence, posture, review; then collects");
        assertThat(good.beat().keyDue()).isTrue();
        TestWorker renewed = good.rotate(server);
        renewed.beat();
        assertThatThrownBy(good::beat).hasMessageContaining("expired");
        long records = changes();
        Ran second = run(opened);
        assertThat(second.enrollmentSecret()).isNull();
        assertThat(states(second.incident()))
                .as("a step that fails holds back none that looks at the outcome")
                .containsEntry("convergence", "done")
                .containsEntry("restore", "failed")
                .containsEntry("posture", "done")
                .containsEntry("review", "done")
                .containsEntry("evidence", "done");
        assertThat(changes()).as("but for posture and evidence").isEqualTo(records + 2);
        skip(opened, "restore");
        View last = run(opened).incident();
        assertThat(changes()).isEqualTo(records + 2);
        assertThat(last.timeline().stream().filter(moment -> "done".equals(moment.what())))
                .extracting(Incidents.Moment::step)
                .doesNotHaveDuplicates()
                .hasSize(last.steps().size() - 1);
        renewed.beat();

        admin.put("/api/users/admin/password", new SetPassword(TestServer.ADMIN_PASSWORD), Void.class);
        server.admin();
        admin.post(Incidents.PATH + "/" + opened.id() + "/close", new Incidents.Close("found"), View.class);
    }

    /** As it is shown to whoever asks how far it is. */
    private String said(View incident, String name) {
        return admin.get(Incidents.PATH + "/" + incident.id(), Map.of(), View.class).steps().stream()
                .filter(step -> step.name().equals(name))
                .map(Incidents.Step::said)
                .findFirst()
                .orElseThrow();
    }

    /** Of all but the incident itself, and what is refused, which is recorded when it is quiet. */
    private long changes() {
        return admin.get("/api/audit", Map.of("limit", 1000), new TypeReference<Page<Entry>>() {}).items().stream()
                .filter(entry -> !entry.action().matches("INCIDENT_.*|REFUSED"))
                .count();
    }

    @Test
    void replacesTheAuthorityOnlyWhenItIsSaidToHaveLeaked() {
        String pin = authority().pin();
        String leaf = admin.get(Serving.PATH, Map.of(), Serving.class).fingerprint();
        Ran ran = run(open(NOBODY, null, true));
        assertThat(states(ran.incident())).containsEntry("certificate", "done");
        assertThat(authority().phase()).isEqualTo("settled");
        assertThat(authority().pin()).isNotEqualTo(pin);
        assertThat(admin.get(Serving.PATH, Map.of(), Serving.class).fingerprint())
                .isNotEqualTo(leaf);
    }

    @Test
    void saysWhatARestoreWouldTakeBackAndWhatNot() {
        TestWorker.enroll(server, "old");
        isolate("out-before");
        Backups.View backup =
                admin.post(Backups.PATH, Map.of(), Backups.Run.class).backup();
        admin.post(Backups.PROOF_PATH, new Backups.Proof(backup.sha256()), Void.class);
        TestWorker renewed = TestWorker.enroll(server, "new-w");
        TestWorker.enroll(server, "leaked");
        for (int i = 0; i < 103; i++) {
            admin.post("/api/workers", new Workers.Add("new-" + i, Map.of()), Workers.IssuedKey.class);
        }
        isolate("out-after");
        admin.delete("/api/keys/" + renewed.key().id());
        View incident = open(NOBODY, null, null);
        Incidents.Step offer = step(incident, "restore");
        assertThat(offer.state()).as(offer.said()).isEqualTo("done");
        assertThat(offer.said())
                .contains(backup.name(), "new workers leaked, new-0, new-1, new-10, new-100 and 101 more;")
                .contains("ledger has it: isolated out-after, keys revoked of new-w;")
                .doesNotContain("out-before", "new users", "new keys of");
    }

    private void isolate(String worker) {
        TestWorker.enroll(server, worker);
        admin.post("/api/workers/" + worker + "/isolate", Map.of("reason", "r"), Object.class);
    }

    @Test
    void countsTheSameRecordsInAllAndByWhomAndFromWhere() throws IOException {
        String unknown = KeyString.generate(KeyString.Kind.API_TOKEN).reveal();
        for (int i = 0; i < 3; i++) {
            RawClient.of(server).call("127.0.30.2", "GET", "/api/workers", "", "Authorization: Bearer " + unknown);
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> !refusals().isEmpty());
        Instant since = Instant.now().minus(Duration.ofHours(1));
        View incident = admin.post(Incidents.PATH, new Open("r", NOBODY, since, null, null, null), View.class);
        for (Incidents.Step step : incident.steps()) {
            if (!step.name().equals("review")) {
                skip(incident, step.name());
            }
        }
        Map<String, Object> facts = step(incident, "review").facts();
        long all = Stream.of("byActor", "refusedByAddress")
                .flatMap(by -> ((Map<?, ?>) facts.get(by)).values().stream())
                .mapToLong(count -> ((Number) count).longValue())
                .sum();
        assertThat(refusals()).first().extracting(Entry::count).isEqualTo(3L);
        assertThat(((Number) facts.get("records")).longValue()).isEqualTo(all).isGreaterThan(3);
    }

    private List<Entry> refusals() {
        return admin.get("/api/audit", Map.of("address", "127.0.30.2"), new TypeReference<Page<Entry>>() {})
                .items();
    }

    private Incidents.Step step(View incident, String name) {
        return admin
                .post(Incidents.PATH + "/" + incident.id() + "/run", new Run(name, null), Ran.class)
                .incident()
                .steps()
                .stream()
                .filter(step -> step.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private RotateCa.State authority() {
        return admin.get(RotateCa.PATH, Map.of(), RotateCa.State.class);
    }

    @Test
    void theHostRunsItAllWithoutACommandLine() throws IOException {
        TestWorker bad = TestWorker.enroll(server, "bad");
        String scope = "\"scope\":{\"workers\":[\"bad\"]}";
        assertThat(task("open-incident", "{" + scope + "}").status()).isEqualTo(422);
        assertThat(task("run-incident", "{}").status()).isEqualTo(409);
        assertThat(task("open-incident", "{\"reason\":\"r\"," + scope + "}").body())
                .contains("\"by\":\"host host\"");
        assertThat(task("open-incident", "{\"reason\":\"r\"," + scope + "}").status())
                .isEqualTo(409);
        for (String odd : List.of(
                "{\"step\":\"x\"}",
                "{\"skip\":\"r\"}",
                "{\"skip\":\"r\",\"close\":\"n\"}",
                "{\"preview\":true,\"close\":\"n\"}",
                "{\"preview\":true,\"report\":true}",
                "{\"report\":true,\"incident\":\"none\"}",
                "{\"odd\":1}")) {
            assertThat(task("run-incident", odd).status()).as(odd).isBetween(400, 499);
        }
        assertThat(task("run-incident", "{\"preview\":true}").body()).contains("isolates worker bad");
        bad.beat();
        task("run-incident", "{}");
        assertThatThrownBy(bad::beat).hasMessageContaining("isolated");
        for (String step : List.of("restore", "convergence")) {
            task("run-incident", "{\"step\":\"" + step + "\",\"skip\":\"r\"}");
        }
        task("run-incident", "{}");
        assertThat(task("run-incident", "{\"report\":true}").body()).contains(Signed.PURPOSE, "\"signature\":\"");
        assertThat(task("run-incident", "{\"close\":\"found\"}").body()).contains("\"state\":\"closed\"");
    }

    private RawClient.Answer task(String name, String body) throws IOException {
        return RawClient.plain(server.adminUrl())
                .call("127.0.0.1", "POST", "/tasks/" + name, body, "Authorization: Bearer " + server.adminToken());
    }
}

package io.lyftdata.incident;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import io.lyftdata.api.Page;
import io.lyftdata.api.audit.Entry;
import io.lyftdata.api.backup.Backups;
import io.lyftdata.api.incident.Incidents;
import io.lyftdata.api.incident.Incidents.Open;
import io.lyftdata.api.incident.Incidents.Ran;
import io.lyftdata.api.incident.Incidents.Run;
import io.lyftdata.api.incident.Incidents.Scope;
import io.lyftdata.api.incident.Incidents.Step;
import io.lyftdata.api.incident.Incidents.View;
import io.lyftdata.archive.Envelope;
import io.lyftdata.client.ApiClient;
import io.lyftdata.config.Secret;
import io.lyftdata.restore.Restore;
import io.lyftdata.snapshot.Progress;
import io.lyftdata.testing.AgeKeys;
import io.lyftdata.testing.DatabaseCopies;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An incident outlives what it is about: an old database, and a line that a crash cut off. */
class IncidentKeptTest {
    @TempDir
    Path directory;

    private TestServer start() throws Exception {
        return TestServer.start(directory.resolve("staging"), Map.of());
    }

    private static Ran run(ApiClient admin, View incident, String step) {
        return admin.post(Incidents.PATH + "/" + incident.id() + "/run", new Run(step, null), Ran.class);
    }

    private static String state(View view, String name) {
        return view.steps().stream()
                .filter(step -> step.name().equals(name))
                .map(Step::state)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void goesOnWithAnOldDatabaseAndAfterALineThatWasCutOff() throws Exception {
        DatabaseCopies database = new DatabaseCopies(Engine.SQLITE, directory.resolve("staging"));
        TestWorker bad;
        try (TestServer server = start()) {
            bad = TestWorker.enroll(server, "bad");
            bad.beat();
        }
        String before = database.copy();
        View opened;
        try (TestServer server = start()) {
            ApiClient admin = server.admin();
            Scope scope = new Scope(List.of("bad"), null, null, null, null, null);
            opened = admin.post(Incidents.PATH, new Open("r", scope, null, null, null, null), View.class);
            run(admin, opened, "isolate");
            run(admin, opened, "worker-keys");
            run(admin, opened, "enrollment");
        }
        database.back(before);
        Path file = directory.resolve("staging/incident/" + opened.id() + ".jsonl");
        List<String> whole = Files.readAllLines(file);
        Files.writeString(file, "{\"at\":\"2026-11-27T07", StandardOpenOption.APPEND);
        try (TestServer server = start()) {
            assertThatThrownBy(() -> bad.at(server).beat()).hasMessageContaining("isolated");
            View after = run(server.admin(), opened, null).incident();
            for (String step : List.of("isolate", "worker-keys", "enrollment", "tokens", "sessions", "certificate")) {
                assertThat(state(after, step)).as(step).isEqualTo("done");
            }
            List<String> lines = Files.readAllLines(file);
            assertThat(lines.subList(0, whole.size())).isEqualTo(whole);
            assertThat(lines.subList(whole.size(), lines.size()))
                    .noneMatch(line -> line.contains("\"isolate\"") || line.contains("\"worker-keys\""));
        }
    }

    @ParameterizedTest
    @EnumSource
    void goesOnBehindARestoreInItsMidst(Engine engine) throws Exception {
        AgeKeys age = AgeKeys.generate();
        Path staging = directory.resolve("staging");
        String url = engine == Engine.POSTGRESQL ? Engine.newPostgresqlUrl() : "";
        String settings =
                "backup: {recipients: [" + age.recipient() + "]}" + (url.isEmpty() ? "" : "\ndatabase-url: " + url);
        TestWorker bad;
        TestWorker good;
        Secret token;
        Path file;
        View opened;
        try (TestServer server = TestServer.startWith(staging, settings)) {
            bad = TestWorker.enroll(server, "bad");
            good = TestWorker.enroll(server, "good");
            good.beat();
            token = new Secret(server.token("admin"));
            ApiClient admin = server.client().authorized("Bearer", token);
            Backups.View backup =
                    admin.post(Backups.PATH, Map.of(), Backups.Run.class).backup();
            admin.post(Backups.PROOF_PATH, new Backups.Proof(backup.sha256()), Void.class);
            file = staging.resolve("backups").resolve(backup.name());
            Scope scope = new Scope(List.of("bad"), null, null, null, null, null);
            opened = admin.post(Incidents.PATH, new Open("r", scope, null, null, null, null), View.class);
            View before = run(admin, opened, null).incident();
            assertThat(state(before, "restore")).isEqualTo("done");
            assertThat(state(before, "posture")).as("it waits for good").isEqualTo("due");
        }
        Restore.Request request = new Restore.Request(
                file,
                Envelope.identities(age.identity()),
                Optional.empty(),
                false,
                staging,
                Optional.of(url).filter(some -> !some.isEmpty()).map(Secret::new));
        try (Restore restore = Restore.prepare(request, Map.of(), Clock.systemUTC(), Progress.NONE)) {
            restore.apply();
        }
        try (TestServer server = TestServer.startWith(staging, settings)) {
            assertThatThrownBy(() -> bad.at(server).beat()).hasMessageContaining("isolated");
            good.recover(server).beat();
            View after = run(server.client().authorized("Bearer", token), opened, null)
                    .incident();
            assertThat(after.steps()).extracting(Step::state).containsOnly("done");
            assertThat(after.timeline().stream().filter(moment -> "done".equals(moment.what())))
                    .extracting(Incidents.Moment::step)
                    .doesNotHaveDuplicates();
        }
    }

    /** As if each step had been in effect, and the server killed before it could say so. */
    @Test
    void doesNothingAgainThatWasDoneBeforeACrashCouldSaySo() throws Exception {
        View opened;
        String token;
        long changes;
        try (TestServer server = start()) {
            TestWorker.enroll(server, "bad").beat();
            token = server.token("admin");
            ApiClient admin = server.client().authorized("Bearer", new Secret(token));
            Scope scope = new Scope(List.of("bad"), null, null, null, null, null);
            opened = admin.post(Incidents.PATH, new Open("r", scope, null, null, null, null), View.class);
            run(admin, opened, null);
            changes = changes(admin);
        }
        Path file = directory.resolve("staging/incident/" + opened.id() + ".jsonl");
        List<String> begun = Files.readAllLines(file).stream()
                .filter(line -> !line.contains("\"what\":\"DONE\""))
                .toList();
        Files.write(file, begun);
        try (TestServer server = start()) {
            ApiClient admin = server.client().authorized("Bearer", new Secret(token));
            assertThat(state(run(admin, opened, null).incident(), "passwords")).isEqualTo("done");
            assertThat(changes(admin)).isEqualTo(changes);
        }
    }

    /** Of all but the incident itself and the server's stops and starts. */
    private static long changes(ApiClient admin) {
        return admin.get("/api/audit", Map.of("limit", 1000), new TypeReference<Page<Entry>>() {}).items().stream()
                .filter(entry -> !entry.action().matches("INCIDENT_.*|SERVER_.*|SETTINGS_CHANGED|POSTURE_CHECKED"))
                .count();
    }

    @Test
    void aFileThatCannotBeReadStopsNoServer() throws Exception {
        try (TestServer server = start()) {
            Files.writeString(server.staging().resolve("incident/20261127-000000.jsonl"), "nonsense\n");
        }
        try (TestServer server = start()) {
            assertThatThrownBy(() -> server.admin().get(Incidents.PATH + "/20261127-000000", Map.of(), View.class))
                    .hasMessageContaining("no such incident");
            assertThat(server.log()).contains("20261127-000000.jsonl cannot be read");
        }
    }
}

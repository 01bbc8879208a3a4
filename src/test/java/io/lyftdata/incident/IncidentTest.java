package io.lyftdata.incident;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.api.incident.Incidents;
import io.lyftdata.api.incident.Incidents.Close;
import io.lyftdata.api.incident.Incidents.Open;
import io.lyftdata.api.incident.Incidents.Ran;
import io.lyftdata.api.incident.Incidents.Run;
import io.lyftdata.api.incident.Incidents.Scope;
import io.lyftdata.api.incident.Incidents.Skip;
import io.lyftdata.api.incident.Incidents.View;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.ApiFailure;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is opened, run, skipped and closed, and what is refused; one server serves all. */
class IncidentTest {
    private final TestServer server = TestServer.shared();
    private final ApiClient admin = server.admin();

    private static Scope of(String... workers) {
        return new Scope(List.of(workers), null, null, null, null, null);
    }

    private View open(Scope scope) {
        return admin.post(Incidents.PATH, new Open("a test", scope, null, null, null, null), View.class);
    }

    private Ran run(View incident, String step) {
        return admin.post(Incidents.PATH + "/" + incident.id() + "/run", new Run(step, null), Ran.class);
    }

    private void end(View incident) {
        String path = Incidents.PATH + "/" + incident.id();
        for (Incidents.Step step : admin.get(path, Map.of(), View.class).steps()) {
            if (!List.of("done", "skipped").contains(step.state())) {
                admin.post(path + "/skip", new Skip(step.name(), "a test"), View.class);
            }
        }
        admin.post(path + "/close", new Close("a test"), View.class);
    }

    private static Incidents.Step step(View view, String name) {
        return view.steps().stream()
                .filter(step -> step.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shutsOutWhomItNamesAndNobodyElseAndOnlyOnce() throws IOException {
        TestWorker bad = TestWorker.enroll(server, "incident-bad");
        TestWorker good = TestWorker.enroll(server, "incident-good");
        bad.beat();
        View opened = open(of("incident-bad"));
        assertThat(opened.timeline()).extracting(Incidents.Moment::what).containsExactly("opened");
        assertThat(step(opened, "isolate").said()).contains("incident-bad");
        bad.beat();
        Incidents.Step done = step(run(opened, "isolate").incident(), "isolate");
        assertThat(done.state()).isEqualTo("done");
        assertThat(done.effectMillis()).isBetween(0L, 1000L);
        assertThat(done.facts().get("lastRequests").toString()).contains("incident-bad");
        assertThatThrownBy(bad::beat).hasMessageContaining("isolated");
        good.beat();
        assertThat(run(opened, "isolate").incident().timeline())
                .extracting(Incidents.Moment::what)
                .containsExactly("opened", "begun", "done");
        Path file = server.staging().resolve("incident").resolve(opened.id() + ".jsonl");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        end(opened);
        assertThatThrownBy(() -> run(opened, "isolate")).hasMessageContaining("closed");
    }

    @Test
    void refusesAnEmptyScopeAndNeverTakesItForAll() throws IOException {
        RawClient raw = RawClient.of(server);
        String token = "Authorization: Bearer " + server.token("admin");
        for (String scope : List.of(
                "{}",
                "null",
                "{\"workers\":[]}",
                "{\"workers\":[\"nobody\"]}",
                "{\"label\":{\"no\":\"one\"}}",
                "{\"label\":{}}",
                "{\"all\":false}",
                "{\"all\":true,\"none\":true}",
                "{\"key\":\"lyd_wk_0\"}")) {
            RawClient.Answer answer = raw.call(
                    "127.0.8.2",
                    "POST",
                    Incidents.PATH,
                    "{\"reason\":\"r\",\"scope\":" + scope + "}",
                    token,
                    "Content-Type: application/json");
            assertThat(answer.status()).as(scope + answer.body()).isIn(404, 422);
            assertThat(answer.body()).doesNotContain("lyd_wk_0");
        }
    }

    @Test
    void refusesASecondIncidentAboutOneWorkerAndNamesTheFirst() {
        TestWorker.enroll(server, "incident-twice");
        View first = open(of("incident-twice"));
        assertThatThrownBy(() -> open(of("incident-twice")))
                .isInstanceOfSatisfying(
                        ApiFailure.class,
                        failure -> assertThat(failure.status()).isEqualTo(409))
                .hasMessageContaining(first.id());
        end(first);
        end(open(of("incident-twice")));
    }

    @Test
    void aStepIsLeftOutForAReasonAndNothingIsClosedBefore() {
        View opened = open(new Scope(null, null, null, null, null, true));
        String path = Incidents.PATH + "/" + opened.id();
        assertThatThrownBy(() -> admin.post(path + "/close", new Close("n"), View.class))
                .hasMessageContaining("isolate");
        assertThatThrownBy(() -> admin.post(path + "/skip", new Skip("isolate", " "), View.class))
                .hasMessageContaining("reason");
        assertThatThrownBy(() -> admin.post(path + "/skip", new Skip("isolat", "r"), View.class))
                .hasMessageContaining("isolate");
        Incidents.Step early = step(run(opened, "posture").incident(), "posture");
        assertThat(early.state()).isEqualTo("due");
        assertThat(early.said()).startsWith("waits for: isolate, worker-keys, enrollment and 6 more; then ");
        View skipped = admin.post(path + "/skip", new Skip("isolate", "nobody is impacted"), View.class);
        assertThat(step(skipped, "isolate").said()).isEqualTo("nobody is impacted");
        assertThat(run(opened, "isolate").incident().timeline()).hasSize(2);
        Incidents.Step convergence = step(run(opened, "convergence").incident(), "convergence");
        assertThat(convergence.state()).isEqualTo("waiting");
        assertThat(convergence.said()).isEqualTo("waits for: worker-keys");
        end(opened);
    }

    @Test
    void aPlanIsShownBeforeAnythingIsOpened() {
        TestWorker.enroll(server, "incident-plan");
        View plan = admin.post(Incidents.PATH, new Open("r", of("incident-plan"), null, null, null, true), View.class);
        assertThat(plan.id()).isNull();
        assertThat(step(plan, "isolate").said()).contains("incident-plan");
        end(open(of("incident-plan")));
    }
}

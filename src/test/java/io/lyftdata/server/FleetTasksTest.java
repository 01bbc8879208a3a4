package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.api.Heartbeat;
import io.lyftdata.api.Workers.View;
import io.lyftdata.client.ApiFailure;
import io.lyftdata.config.Secret;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Without a session, the host's operator can shut workers out and have keys renewed, and sees when two act as one. */
class FleetTasksTest {
    @TempDir
    static Path directory;

    private static TestServer server;
    private static TestWorker worker;
    private static TestWorker cloned;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start(directory.resolve("staging"), Map.of());
        worker = TestWorker.enroll(server, "task-1", Map.of("site", "lyon"));
        cloned = TestWorker.enroll(server, "cloned");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static RawClient.Answer task(String name, String body) throws IOException {
        return call("POST", "/tasks/" + name, body);
    }

    private static RawClient.Answer call(String method, String path, String body) throws IOException {
        return RawClient.plain(server.adminUrl())
                .call("127.0.0.1", method, path, body, "Authorization: Bearer " + server.adminToken());
    }

    private static String beat(TestWorker worker, String instance) {
        try {
            new TestWorker(
                            worker.id(),
                            worker.identity(),
                            worker.key(),
                            server.client()
                                    .authorized(
                                            "Bearer", new Secret(worker.key().reveal()))
                                    .with(Heartbeat.INSTANCE_HEADER, instance.repeat(32)))
                    .beat();
            return "done";
        } catch (ApiFailure e) {
            return e.problem().orElseThrow().code();
        }
    }

    @Test
    void tasksIsolateAndReleaseAsTheApiDoes() throws IOException {
        assertThat(task("isolate-worker", "{\"worker\":\"task-1\",\"reason\":\"stolen\"}")
                        .body())
                .contains("\"by\":\"host host\"", "liveSecret");
        assertThat(beat(worker, "a")).isEqualTo("worker_isolated");
        assertThat(task("release-worker", "{\"worker\":\"task-1\"}").status()).isEqualTo(200);
        assertThat(beat(worker, "a")).isEqualTo("done");
        String scope = "\"scope\":{\"label\":{\"site\":\"lyon\"}}";
        assertThat(task("isolate-worker", "{" + scope + ",\"reason\":\"stolen\",\"preview\":true}")
                        .body())
                .contains("\"matched\":1", "task-1");
        assertThat(beat(worker, "a")).isEqualTo("done");
        task("isolate-worker", "{" + scope + ",\"reason\":\"stolen\"}");
        assertThat(beat(worker, "a")).isEqualTo("worker_isolated");
        task("release-worker", "{" + scope + "}");
        assertThat(beat(worker, "a")).isEqualTo("done");
        for (String odd : new String[] {
            "{}",
            "{\"worker\":\"task-1\"}",
            "{\"worker\":\"task-1\",\"reason\":\"r\"," + scope + "}",
            "{\"worker\":\"task-1\",\"reason\":\"r\",\"preview\":true}"
        }) {
            assertThat(task("isolate-worker", odd).status()).as(odd).isEqualTo(422);
        }
    }

    @Test
    void tasksReplaceAndEndTheEnrollmentSecret() throws IOException {
        String first = TestWorker.secret(server);
        String rotated =
                task("rotate-enrollment-secret", "{\"terms\":{\"limit\":5}}").body();
        assertThat(rotated)
                .contains("\"enrollment_secret\":\"lyd_", "\"limit\":5")
                .doesNotContain(first);
        assertThat(task("disable-enrollment", "").body()).contains("\"enabled\":false");
        assertThat(task("rotate-enrollment-secret", "{}").code()).isEqualTo("conflict");
    }

    @Test
    void aTaskOrdersARotationAsTheApiDoes() throws IOException {
        TestWorker due = TestWorker.enroll(server, "task-due", Map.of("site", "oslo"));
        assertThat(due.beat().keyDue()).isFalse();
        RawClient.Answer told =
                task("rotate-worker-keys", "{\"worker\":\"Task-Due\",\"deadline\":\"1h\",\"overlap\":\"0\"}");
        assertThat(told.status()).isEqualTo(200);
        assertThat(told.body()).contains("\"by\":\"host\"", "\"workers\":1", "\"left\":{\"waiting\":1}");
        assertThat(due.beat().keyDue()).isTrue();
        assertThat(due.rotate(server).beat().keyDue()).isFalse();
        assertThat(beat(due, "a")).isEqualTo("key_expired");
        assertThat(task("rotate-worker-keys", "{\"labels\":{\"site\":\"oslo\"}}")
                        .body())
                .contains("\"workers\":1");
        assertThat(server.admin()
                        .send("GET", "/api/audit", Map.of("action", "rotation_ordered"), Map.of(), new byte[0])
                        .text())
                .contains("\"actorKind\":\"host\"", "task-due", "oslo");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                                           | 422 | unprocessable
            {}                                           | 422 | unprocessable
            {"all":true,"worker":"task-1"}               | 422 | unprocessable
            {"all":true,"deadline":"-1s"}                | 422 | unprocessable
            {"all":true,"deadline":"2020-01-01T00:00:00Z"} | 422 | deadline_passed
            {"worker":"nobody"}                          | 404 | not_found
            {"wrker":"task-1"}                           | 422 | unprocessable
            """)
    void aTaskOrdersNoRotationThatCannotBeMeant(String body, int status, String code) throws IOException {
        RawClient.Answer told = task("rotate-worker-keys", body);
        assertThat(told.status() + " " + told.code()).isEqualTo(status + " " + code);
    }

    @Test
    void aRecoveryBesideALivingWorkerTurnsTheAdminHealthRed() throws IOException {
        TestWorker living = TestWorker.enroll(server, "living");
        beat(living, "a");
        TestWorker same = living.recover(server, "a".repeat(32));
        assertThat(beat(same, "a")).isEqualTo("done");
        assertThat(call("GET", "/healthcheck", "").status()).isEqualTo(200);
        same.recover(server, "b".repeat(32));
        RawClient.Answer health = call("GET", "/healthcheck", "");
        assertThat(health.status()).isEqualTo(500);
        assertThat(health.body()).contains("worker_cloned", "two processes act as one worker: living");
        server.admin().delete("/api/workers/living");
        assertThat(call("GET", "/healthcheck", "").status()).isEqualTo(200);
    }

    @Test
    void twoProcessesWithOneKeyTurnTheAdminHealthRed() throws IOException {
        for (String instance : new String[] {"a", "b", "a"}) {
            assertThat(beat(cloned, instance)).isEqualTo("done");
            assertThat(call("GET", "/healthcheck", "").status()).isEqualTo(200);
        }
        assertThat(beat(cloned, "b")).as("it is not isolated unless configured").isEqualTo("done");
        RawClient.Answer health = call("GET", "/healthcheck", "");
        assertThat(health.status()).isEqualTo(500);
        assertThat(health.body()).contains("worker_cloned", "two processes act as one worker: cloned");
        assertThat(call("GET", "/metrics", "").body()).contains("clone_alarms");
        assertThat(server.admin()
                        .send("GET", "/api/audit", Map.of("action", "worker_cloned"), Map.of(), new byte[0])
                        .text())
                .contains("a".repeat(32), "b".repeat(32));
        server.admin().delete("/api/workers/cloned");
        assertThat(call("GET", "/healthcheck", "").status()).isEqualTo(200);
        assertThat(server.admin()
                        .get("/api/workers/cloned", Map.of(), View.class)
                        .state())
                .isEqualTo("removed");
    }
}

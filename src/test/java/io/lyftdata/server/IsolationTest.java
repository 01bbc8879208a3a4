package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lyftdata.api.AutoEnrollment;
import io.lyftdata.api.Enroll;
import io.lyftdata.api.WorkerKey;
import io.lyftdata.api.Workers.Add;
import io.lyftdata.api.Workers.Isolate;
import io.lyftdata.api.Workers.IssuedKey;
import io.lyftdata.api.Workers.View;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.ApiFailure;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.Identity;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.testing.DatabaseCopies;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A worker whose host is no longer trusted is out at once, and nothing but a release lets it in. */
class IsolationTest {
    private static final List<String> WORKER_ROUTES = List.of(
            "POST /api/worker/heartbeat", "PUT /api/worker/metrics", "POST /api/worker/logs", "PUT /api/worker/key");

    @TempDir
    Path directory;

    private Path staging() {
        return directory.resolve("staging");
    }

    private static View isolate(TestServer server, String id) {
        return server.admin().post("/api/workers/" + id + "/isolate", new Isolate("laptop stolen", null), View.class);
    }

    private static View release(TestServer server, String id) {
        return server.admin().post("/api/workers/" + id + "/release", null, View.class);
    }

    private static String answer(Runnable call) {
        try {
            call.run();
            return "done";
        } catch (ApiFailure e) {
            return e.problem().orElseThrow().code();
        }
    }

    private static String beat(TestServer server, TestWorker worker) {
        ApiClient api = server.client()
                .authorized("Bearer", new Secret(worker.key().reveal()))
                .with(io.lyftdata.api.Heartbeat.INSTANCE_HEADER, "0".repeat(32));
        return answer(() -> new TestWorker(worker.id(), worker.identity(), worker.key(), api).beat());
    }

    private static String enroll(TestServer server, String secret, String name, Identity identity) {
        KeyString key = KeyString.generate(KeyString.Kind.WORKER);
        Enroll.Request wish = new Enroll.Request(
                name,
                Map.of(),
                key.id(),
                key.hash(),
                identity.publicKey(),
                Instant.now().toEpochMilli(),
                null);
        return answer(() -> server.client()
                .authorized("Enrollment", new Secret(secret))
                .post(Enroll.PATH, wish.signed(identity.sign(wish.signedBytes())), Enroll.Answer.class));
    }

    @Test
    void shutsOutOnEveryRouteAndOverOpenConnectionsAtOnce() throws IOException {
        TestServer server = TestServer.shared();
        TestWorker worker = TestWorker.enroll(server, "isolate-1");
        worker.beat();
        View view = isolate(server, "Isolate-1");
        long begin = System.nanoTime();
        assertThat(answer(worker::beat)).isEqualTo("worker_isolated");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(1));
        assertThat(view.state()).isEqualTo("isolated");
        assertThat(view.isolated().reason()).isEqualTo("laptop stolen");
        assertThat(view.isolated().by()).isEqualTo("user admin");

        RawClient raw = RawClient.of(server);
        for (String route : WORKER_ROUTES) {
            String[] parts = route.split(" ", 2);
            RawClient.Answer answer = raw.call(
                    "127.0.11.1",
                    parts[0],
                    parts[1],
                    "{}",
                    "Authorization: Bearer " + worker.key().reveal());
            assertThat(answer.status() + " " + answer.code()).as(route).isEqualTo("403 worker_isolated");
        }
        String stranger = KeyString.generate(KeyString.Kind.WORKER).reveal();
        String forged = stranger.replace(
                KeyString.parse(stranger).orElseThrow().id(), worker.key().id());
        assertThat(raw.call("127.0.11.1", "POST", "/api/worker/heartbeat", "{}", "Authorization: Bearer " + forged)
                        .code())
                .as("whoever does not know the secret does not learn it")
                .isNotEqualTo("worker_isolated");

        isolate(server, "isolate-1");
        assertThat(release(server, "isolate-1").state()).isEqualTo("online");
        release(server, "isolate-1");
        worker.beat();
    }

    @Test
    void shutsOutUnderItsNameAndByItsIdentity() {
        TestServer server = TestServer.shared();
        String secret = TestWorker.secret(server);
        TestWorker worker = TestWorker.enroll(server, "isolate-2");
        isolate(server, "isolate-2");
        assertThat(enroll(server, secret, "isolate-2", Identity.generate())).isEqualTo("worker_isolated");
        assertThat(enroll(server, secret, "isolate-2-new", worker.identity())).isEqualTo("worker_isolated");
        release(server, "isolate-2");
        assertThat(enroll(server, secret, "isolate-2-new", worker.identity())).isEqualTo("identity_taken");
    }

    @Test
    void aBootstrapKeyDoesNotLetItInAgain() {
        TestServer server = TestServer.shared();
        IssuedKey bootstrap = server.admin().post("/api/workers", new Add("isolate-3", Map.of()), IssuedKey.class);
        isolate(server, "isolate-3");
        ApiClient worker = server.client().authorized("Bearer", new Secret(bootstrap.key()));
        assertThat(answer(() -> worker.put(WorkerKey.PATH, Map.of(), WorkerKey.Answer.class)))
                .isEqualTo("worker_isolated");
    }

    @Test
    void saysWhatIsWrongWithTheCall() {
        TestServer server = TestServer.shared();
        assertThat(answer(() -> isolate(server, "isolate-nobody"))).isEqualTo("not_found");
        assertThat(answer(() -> release(server, "isolate-nobody"))).isEqualTo("not_found");
        TestWorker.enroll(server, "isolate-4");
        for (String reason : new String[] {null, "", " ", "a\nb", "x".repeat(201)}) {
            assertThat(answer(() -> server.admin()
                            .post("/api/workers/isolate-4/isolate", new Isolate(reason, null), View.class)))
                    .as("reason %s", reason)
                    .isEqualTo("unprocessable");
        }
    }

    @ParameterizedTest
    @EnumSource
    void worksWhileNoRecordCanBeWrittenAndOverARestart(Engine engine) throws Exception {
        DatabaseCopies database = new DatabaseCopies(engine, staging());
        TestWorker worker;
        try (TestServer server = TestServer.start(staging(), database.flags())) {
            worker = TestWorker.enroll(server, "any");
            ApiClient admin = server.admin();
            database.refuseRecords();
            assertThat(answer(() -> admin.post("/api/workers/any/isolate", new Isolate("stolen", null), View.class)))
                    .isEqualTo("audit_pending");
            assertThat(beat(server, worker)).isEqualTo("worker_isolated");
            assertThat(admin.get("/api/workers/any", Map.of(), View.class).state())
                    .isEqualTo("isolated");
            assertThat(answer(() -> admin.post("/api/workers/any/release", null, View.class)))
                    .isEqualTo("unavailable");
            assertThat(beat(server, worker)).isEqualTo("worker_isolated");
            assertThat(states(database)).containsExactly("active");
        }
        try (TestServer server = TestServer.start(staging(), database.flags())) {
            assertThat(beat(server, worker)).isEqualTo("worker_isolated");
            database.takeRecords();
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(states(database)).containsExactly("isolated"));
            assertThat(database.query("SELECT action || ' ' || subject FROM audit WHERE outcome = 'replayed'"))
                    .containsExactly("WORKER_ISOLATED any");
        }
    }

    private static List<String> states(DatabaseCopies database) throws SQLException {
        return database.query("SELECT state FROM worker");
    }

    @ParameterizedTest
    @EnumSource
    void anOldDatabaseBringsNeitherTheWorkerNorTheIsolationBack(Engine engine) throws Exception {
        DatabaseCopies database = new DatabaseCopies(engine, staging());
        TestWorker stolen;
        TestWorker found;
        try (TestServer server = TestServer.start(staging(), database.flags())) {
            stolen = TestWorker.enroll(server, "stolen");
            found = TestWorker.enroll(server, "found");
            isolate(server, "found");
        }
        String old = database.copy();
        try (TestServer server = TestServer.start(staging(), database.flags())) {
            isolate(server, "stolen");
            release(server, "found");
        }
        database.back(old);
        try (TestServer server = TestServer.start(staging(), database.flags())) {
            assertThat(beat(server, stolen)).isEqualTo("worker_isolated");
            assertThat(beat(server, found)).isEqualTo("done");
            assertThat(database.query("SELECT id || ' ' || state FROM worker ORDER BY id"))
                    .containsExactly("found active", "stolen isolated");
        }
    }

    @Test
    void anEmptyDatabaseDoesNotLetItsIdentityInUnderAnotherName() throws IOException {
        TestWorker worker;
        try (TestServer server = TestServer.start(staging(), Map.of())) {
            worker = TestWorker.enroll(server, "stolen");
            isolate(server, "stolen");
        }
        for (String name : List.of("control.db", "control.db-wal", "control.db-shm")) {
            Files.deleteIfExists(staging().resolve(name));
        }
        try (TestServer server = TestServer.start(staging(), Map.of())) {
            String secret = server.admin()
                    .post(
                            "/api/workers/auto-enrollment",
                            new AutoEnrollment.Change(true, null),
                            AutoEnrollment.View.class)
                    .enrollmentSecret();
            assertThat(enroll(server, secret, "other", worker.identity())).isEqualTo("worker_isolated");
            assertThat(enroll(server, secret, "stolen", Identity.generate())).isEqualTo("worker_isolated");
            assertThat(answer(() -> server.admin().post("/api/workers", new Add("stolen", Map.of()), IssuedKey.class)))
                    .isEqualTo("worker_isolated");
            assertThat(enroll(server, secret, "other", Identity.generate())).isEqualTo("done");
        }
    }

    @Test
    void anAcceptedLossForgetsNoIsolationThatTheDatabaseHas() throws IOException {
        TestWorker worker;
        try (TestServer server = TestServer.start(staging(), Map.of())) {
            worker = TestWorker.enroll(server, "stolen");
            isolate(server, "stolen");
        }
        Files.delete(staging().resolve("ledger"));
        try (TestServer server = TestServer.start(staging(), Map.of("accept-ledger-loss", "true"))) {
            assertThat(beat(server, worker)).isEqualTo("worker_isolated");
        }
    }
}

package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lyftdata.api.Enroll;
import io.lyftdata.api.Heartbeat;
import io.lyftdata.api.Workers.Add;
import io.lyftdata.api.Workers.Isolate;
import io.lyftdata.api.Workers.IssuedKey;
import io.lyftdata.api.Workers.View;
import io.lyftdata.api.fleet.Fleet;
import io.lyftdata.api.fleet.Fleet.Affected;
import io.lyftdata.api.fleet.Fleet.Answer;
import io.lyftdata.api.fleet.Fleet.Scope;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who is removed or reset never comes back as who he was, and a scope isolates exactly whom it names. */
class RemovalTest {
    @TempDir
    Path directory;

    private static String answer(Runnable call) {
        try {
            call.run();
            return "done";
        } catch (ApiFailure e) {
            return e.problem().orElseThrow().code();
        }
    }

    private static String enroll(TestServer server, String name, Identity identity) {
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
                .authorized("Enrollment", new Secret(TestWorker.secret(server)))
                .post(Enroll.PATH, wish.signed(identity.sign(wish.signedBytes())), Enroll.Answer.class));
    }

    private static IssuedKey add(TestServer server, String name, Map<String, String> labels) {
        return server.admin().post("/api/workers", new Add(name, labels), IssuedKey.class);
    }

    private static IssuedKey reset(TestServer server, String id) {
        return server.admin().post("/api/workers/" + id + "/reset", null, IssuedKey.class);
    }

    private static View show(TestServer server, String id) {
        return server.admin().get("/api/workers/" + id, Map.of(), View.class);
    }

    private static Answer isolate(TestServer server, Scope scope, boolean preview) {
        return server.admin().post(Fleet.ISOLATE, new Fleet.Isolate(scope, "breach", null, preview), Answer.class);
    }

    private static List<String> ids(Answer answer) {
        return answer.workers().stream().map(Affected::id).toList();
    }

    @ParameterizedTest
    @EnumSource
    void aRemovedWorkerStaysOutEvenWithAnOldDatabase(Engine engine) throws Exception {
        DatabaseCopies database = new DatabaseCopies(engine, directory.resolve("staging"));
        TestWorker worker;
        TestWorker again;
        try (TestServer server = TestServer.start(directory.resolve("staging"), database.flags())) {
            worker = TestWorker.enroll(server, "gone");
        }
        String old = database.copy();
        try (TestServer server = TestServer.start(directory.resolve("staging"), database.flags())) {
            server.admin().delete("/api/workers/gone");
            server.admin().delete("/api/workers/gone");
            assertOut(server, worker);
            assertThat(show(server, "gone").state()).isEqualTo("removed");
            assertThat(answer(() -> server.admin().post("/api/workers/gone/keys", null, IssuedKey.class)))
                    .isEqualTo("conflict");
            assertThat(answer(() -> server.admin().post("/api/workers/gone/release", null, View.class)))
                    .isEqualTo("conflict");
            assertThat(answer(() -> reset(server, "gone"))).isEqualTo("conflict");

            IssuedKey bootstrap = add(server, "Gone", Map.of());
            assertThat(show(server, "gone").state()).isEqualTo("new");
            assertThat(answer(() -> TestWorker.register(server, bootstrap, worker.identity())))
                    .as("the name is free, the identity is not")
                    .isEqualTo("worker_isolated");
            again = TestWorker.register(server, bootstrap, Identity.generate());
            again.beat();
            assertThat(answer(() -> worker.at(server).beat())).isEqualTo("key_revoked");
        }
        database.back(old);
        try (TestServer server = TestServer.start(directory.resolve("staging"), database.flags())) {
            assertThat(answer(() -> worker.at(server).beat())).isEqualTo("key_revoked");
            assertThat(enroll(server, "other", worker.identity())).isEqualTo("worker_isolated");
            assertThat(database.query("SELECT identity FROM worker WHERE identity IS NOT NULL"))
                    .isEmpty();
            assertThat(database.query("SELECT identity FROM ended_identity"))
                    .containsExactly(worker.identity().publicKey());
        }
    }

    private static void assertOut(TestServer server, TestWorker worker) {
        assertThat(answer(() -> worker.at(server).beat())).isEqualTo("worker_isolated");
        assertThat(enroll(server, worker.id(), Identity.generate())).isEqualTo("worker_isolated");
        assertThat(enroll(server, "other", worker.identity())).isEqualTo("worker_isolated");
        assertThat(answer(() -> worker.recover(server))).isIn("worker_isolated", "proof_invalid");
    }

    @ParameterizedTest
    @EnumSource
    void aRemovalHoldsWhileNoRecordCanBeWritten(Engine engine) throws Exception {
        DatabaseCopies database = new DatabaseCopies(engine, directory.resolve("staging"));
        try (TestServer server = TestServer.start(directory.resolve("staging"), database.flags())) {
            TestWorker worker = TestWorker.enroll(server, "gone");
            ApiClient admin = server.admin();
            database.refuseRecords();
            assertThat(answer(() -> admin.delete("/api/workers/gone"))).isEqualTo("audit_pending");
            assertThat(answer(() -> worker.at(server).beat())).isEqualTo("worker_isolated");
            database.takeRecords();
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(database.query(
                                    "SELECT action || ' ' || subject FROM audit WHERE outcome = 'replayed'"))
                            .contains(
                                    "WORKER_REMOVED gone",
                                    "IDENTITY_ENDED gone",
                                    "API_KEY_REVOKED " + worker.key().id()));
            assertOut(server, worker);
        }
    }

    @Test
    void aStolenHostComesBackByAResetAndTheThiefDoesNot() {
        TestServer server = TestServer.shared();
        TestWorker stolen = TestWorker.enroll(server, "fleet-stolen");
        server.admin().post("/api/workers/fleet-stolen/isolate", new Isolate("stolen", null), View.class);
        IssuedKey bootstrap = reset(server, "fleet-stolen");
        assertThat(show(server, "fleet-stolen").isolated()).isNull();
        assertThat(answer(stolen::beat)).isEqualTo("key_revoked");
        assertThat(enroll(server, "fleet-thief", stolen.identity())).isEqualTo("worker_isolated");
        assertThat(enroll(server, "fleet-stolen", stolen.identity())).isEqualTo("worker_isolated");
        assertThat(answer(() -> TestWorker.register(server, bootstrap, stolen.identity())))
                .isEqualTo("worker_isolated");
        TestWorker back = TestWorker.register(server, bootstrap, Identity.generate());
        back.beat();
        assertThat(show(server, "fleet-stolen").admittedBy()).isEqualTo(bootstrap.keyId());
    }

    @Test
    void aResetNeedsNoIsolationAndEndsAnEarlierBootstrapKey() {
        TestServer server = TestServer.shared();
        IssuedKey first = add(server, "fleet-empty", Map.of());
        IssuedKey second = reset(server, "fleet-empty");
        assertThat(answer(() -> TestWorker.register(server, first, Identity.generate())))
                .isEqualTo("key_revoked");
        TestWorker.register(server, second, Identity.generate()).beat();
        assertThat(answer(() -> reset(server, "fleet-nobody"))).isEqualTo("not_found");
        assertThat(answer(() -> server.admin().delete("/api/workers/fleet-nobody")))
                .isEqualTo("not_found");
    }

    @Test
    void aLabelMatchesWhoeverEverHadItButNotWhoClaimsIt() {
        TestServer server = TestServer.shared();
        Map<String, String> blue = Map.of("fleet-zone", "blue");
        TestWorker one = TestWorker.enroll(server, "fleet-blue-1", blue);
        TestWorker.enroll(server, "fleet-blue-2", Map.of("fleet-zone", "green"));
        server.admin().delete("/api/workers/fleet-blue-2");
        add(server, "fleet-blue-2", blue);
        server.admin().delete("/api/workers/fleet-blue-2");
        add(server, "fleet-blue-2", Map.of("fleet-zone", "red"));
        TestWorker claims = TestWorker.enroll(server, "fleet-blue-3");
        claims.api()
                .post(
                        Heartbeat.PATH,
                        new Heartbeat.Request("1.0", 1, blue, "pinned", Instant.now(), null, null),
                        Heartbeat.Answer.class);

        Scope scope = new Scope(blue, null, null);
        Answer preview = isolate(server, scope, true);
        assertThat(ids(preview)).containsExactly("fleet-blue-1", "fleet-blue-2");
        one.beat();
        assertThat(ids(isolate(server, scope, false))).isEqualTo(ids(preview));
        assertThat(answer(one::beat)).isEqualTo("worker_isolated");
        claims.beat();
        Answer none = isolate(server, scope, false);
        assertThat(none.workers()).isEmpty();
        assertThat(none.matched()).isEqualTo(2);

        Fleet.Release wish = new Fleet.Release(scope, null);
        assertThat(ids(server.admin().post(Fleet.RELEASE, wish, Answer.class))).isEqualTo(ids(preview));
        one.beat();
    }

    @Test
    void aScopeIsOfOneKindAndNeverEmpty() throws IOException {
        TestServer server = TestServer.shared();
        String id = "0".repeat(32);
        for (Scope scope : new Scope[] {
            null,
            new Scope(null, null, null),
            new Scope(Map.of(), null, null),
            new Scope(Map.of("a", "b", "c", "d"), null, null),
            new Scope(Map.of("a", "b"), id, null),
            new Scope(null, id, id)
        }) {
            assertThat(answer(() -> isolate(server, scope, true)))
                    .as("%s", scope)
                    .isEqualTo("unprocessable");
        }
        for (Scope scope : List.of(
                new Scope(Map.of("fleet-nobody", "x"), null, null),
                new Scope(null, id, null),
                new Scope(null, null, id))) {
            assertThat(answer(() -> isolate(server, scope, true)))
                    .as("%s", scope)
                    .isEqualTo("not_found");
        }
    }

    @Test
    void aWholeSecretAsAScopeIsRefusedAndNotRepeated() throws IOException {
        TestServer server = TestServer.shared();
        RawClient raw = RawClient.of(server);
        String session = "Authorization: Bearer " + server.token("operator");
        String key = KeyString.generate(KeyString.Kind.WORKER).reveal();
        for (String secret : List.of(key, TestWorker.secret(server), "correct-horse-battery-staple-12345")) {
            for (String field : List.of("key", "admittedBy")) {
                String body = "{\"reason\":\"r\",\"scope\":{\"" + field + "\":\"" + secret + "\"}}";
                RawClient.Answer answer =
                        raw.call("127.0.12.1", "POST", Fleet.ISOLATE, body, session, "Content-Type: application/json");
                assertThat(answer.status()).isEqualTo(422);
                assertThat(answer.toString()).doesNotContain(secret);
                assertThat(server.log()).doesNotContain(secret);
            }
        }
    }

    @Test
    void isolatesAllThatALeakedSecretAdmittedAndTheHolderOfAKey() throws IOException {
        try (TestServer server = TestServer.start(directory.resolve("staging"), Map.of())) {
            TestWorker one = TestWorker.enroll(server, "one");
            TestWorker.enroll(server, "two");
            TestWorker other = TestWorker.register(server, add(server, "other", Map.of()), Identity.generate());
            String secretId = show(server, "one").admittedBy();
            Answer answer = isolate(server, new Scope(null, secretId, null), false);
            assertThat(ids(answer)).containsExactly("one", "two");
            assertThat(answer.liveSecrets()).containsExactly(secretId);
            assertThat(answer(one::beat)).isEqualTo("worker_isolated");
            other.beat();
            Answer byKey = isolate(server, new Scope(null, null, other.key().id()), false);
            assertThat(ids(byKey)).containsExactly("other");
            assertThat(byKey.liveSecrets()).isEmpty();
            assertThat(answer(other::beat)).isEqualTo("worker_isolated");
        }
    }

    @Test
    void saysWhenItsLastRequestWasAcceptedAndBySecretOthersMayStillJoin() {
        TestServer server = TestServer.shared();
        TestWorker worker = TestWorker.enroll(server, "fleet-last");
        worker.beat();
        View before = show(server, "fleet-last");
        worker.api()
                .send(
                        "PUT",
                        "/api/worker/metrics",
                        Map.of(),
                        Map.of("Content-Type", "text/plain"),
                        "a 1\n".getBytes(StandardCharsets.UTF_8));
        View isolated = server.admin().post("/api/workers/fleet-last/isolate", new Isolate("stolen", null), View.class);
        assertThat(isolated.lastRequestAt())
                .as("a call that was no heartbeat counts too")
                .isAfter(before.lastSeenAt())
                .isBeforeOrEqualTo(isolated.isolated().at());
        assertThat(isolated.liveSecret()).isEqualTo(isolated.admittedBy());
        assertThat(answer(worker::beat)).isEqualTo("worker_isolated");
        assertThat(show(server, "fleet-last").lastRequestAt()).isEqualTo(isolated.lastRequestAt());
    }

    @Test
    void anIsolationWithAnEndIsOverByItselfAndWithARecord() {
        TestServer server = TestServer.shared();
        TestWorker worker = TestWorker.enroll(server, "fleet-expires");
        ApiClient admin = server.admin();
        String path = "/api/workers/fleet-expires/isolate";
        View view = admin.post(path, new Isolate("exercise", 1L), View.class);
        assertThat(view.isolated().until()).isAfter(view.isolated().at());
        await().atMost(Duration.ofSeconds(30)).until(() -> answer(worker::beat).equals("done"));
        String audit = admin.send("GET", "/api/audit", Map.of("subject", "fleet-expires"), Map.of(), new byte[0])
                .text();
        assertThat(audit).contains("WORKER_RELEASED");

        admin.post(path, new Isolate("exercise", 3600L), View.class);
        admin.post(path, new Isolate("shorter", 1L), View.class);
        View forGood = admin.post(path, new Isolate("worse", null), View.class);
        assertThat(forGood.isolated().until()).isNull();
        assertThat(forGood.isolated().reason()).isEqualTo("worse");
        for (Long wrong : List.of(0L, -1L, Long.MAX_VALUE)) {
            assertThat(answer(() -> admin.post(path, new Isolate("r", wrong), View.class)))
                    .isEqualTo("unprocessable");
        }
    }
}

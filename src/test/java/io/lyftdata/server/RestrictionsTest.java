package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lyftdata.api.Accounts.AddUser;
import io.lyftdata.api.Accounts.IssueToken;
import io.lyftdata.api.Accounts.IssuedToken;
import io.lyftdata.api.Accounts.SetPassword;
import io.lyftdata.api.Accounts.User;
import io.lyftdata.api.AutoEnrollment;
import io.lyftdata.api.Code;
import io.lyftdata.api.Login;
import io.lyftdata.api.Workers.KeyView;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.ApiFailure;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Secret;
import io.lyftdata.testing.DatabaseCopies;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What was revoked, removed or ended stays so, whatever happens to the database or to the process. */
class RestrictionsTest {
    private static final String PASSWORD = "a long way to Tipperary 9";
    private static final String REPLAYED =
            "SELECT action || ' ' || subject FROM audit WHERE outcome = 'replayed' AND ledger > 0 ORDER BY position";

    @TempDir
    Path directory;

    private DatabaseCopies database;

    private Path staging() {
        return directory.resolve("staging");
    }

    private void on(Engine engine) {
        database = new DatabaseCopies(engine, staging());
    }

    private TestServer start(String... more) throws IOException {
        Map<String, String> flags = new HashMap<>(database.flags());
        for (int i = 0; i < more.length; i += 2) {
            flags.put(more[i], more[i + 1]);
        }
        return TestServer.start(staging(), flags);
    }

    private static ApiClient login(TestServer server, String name, String password) {
        String token = server.client()
                .post("/api/login", new Login.Request(name, password), Login.Answer.class)
                .token();
        return server.client().authorized("Bearer", new Secret(token));
    }

    private static ApiClient again(TestServer server, String credential) {
        return server.client().authorized("Bearer", new Secret(credential));
    }

    private static IssuedToken issueToken(ApiClient caller, String role) {
        return caller.post("/api/tokens", new IssueToken("t", role, 3600, List.of()), IssuedToken.class);
    }

    private static void addUser(ApiClient admin, String name, String role) {
        admin.post("/api/users", new AddUser(name, PASSWORD, role), User.class);
    }

    private static String answer(Runnable call) {
        try {
            call.run();
            return "done";
        } catch (ApiFailure e) {
            return e.problem().orElseThrow().code();
        }
    }

    private static String whoAmI(TestServer server, String credential) {
        return answer(() -> again(server, credential).get("/api/workers", Map.of(), Object.class));
    }

    private static String beat(TestServer server, TestWorker worker) {
        ApiClient api =
                again(server, worker.key().reveal()).with(io.lyftdata.api.Heartbeat.INSTANCE_HEADER, "0".repeat(32));
        return answer(() -> new TestWorker(worker.id(), worker.identity(), worker.key(), api).beat());
    }

    @ParameterizedTest
    @EnumSource
    void anOldDatabaseBringsNothingBack(Engine engine) throws Exception {
        on(engine);
        TestWorker worker;
        IssuedToken token;
        String secret;
        String session;
        try (TestServer server = start()) {
            ApiClient admin = server.admin();
            worker = TestWorker.enroll(server, "old");
            secret = TestWorker.secret(server);
            token = issueToken(admin, "viewer");
            addUser(admin, "gone", "admin");
            addUser(admin, "stays", "viewer");
            session = server.client()
                    .post("/api/login", new Login.Request("stays", PASSWORD), Login.Answer.class)
                    .token();
        }
        String old = database.copy();
        try (TestServer server = start()) {
            ApiClient admin = server.admin();
            admin.delete("/api/keys/" + worker.key().id());
            admin.delete("/api/tokens/" + token.id());
            admin.delete("/api/users/gone");
            admin.put("/api/users/stays/password", new SetPassword(PASSWORD + "!"), Void.class);
            admin.post(
                    "/api/workers/auto-enrollment", new AutoEnrollment.Change(false, null), AutoEnrollment.View.class);
        }
        database.back(old);
        try (TestServer server = start("auto-enrollment-key", secret)) {
            assertThat(beat(server, worker)).isEqualTo("key_revoked");
            assertThat(whoAmI(server, token.token())).isEqualTo("key_revoked");
            assertThat(whoAmI(server, session)).isEqualTo("key_revoked");
            assertThat(answer(() -> login(server, "gone", PASSWORD))).isEqualTo("login_refused");
            assertThat(answer(() -> login(server, "stays", PASSWORD))).isEqualTo("login_refused");
            assertThat(server.admin()
                            .get("/api/workers/auto-enrollment", Map.of(), AutoEnrollment.View.class)
                            .enabled())
                    .isFalse();
            assertThat(answer(() -> server.admin()
                            .post(
                                    "/api/workers/auto-enrollment",
                                    new AutoEnrollment.Change(true, secret),
                                    AutoEnrollment.View.class)))
                    .isEqualTo("unprocessable");
            assertThat(database.query(REPLAYED))
                    .contains(
                            "API_KEY_REVOKED " + worker.key().id(),
                            "TOKEN_REVOKED " + token.id(),
                            "USER_REMOVED gone",
                            "PASSWORD_ENDED stays")
                    .anyMatch(record -> record.startsWith("ENROLLMENT_DISABLED "));
            addUser(server.admin(), "gone", "viewer");
            assertThat(answer(() -> login(server, "gone", PASSWORD))).isEqualTo("done");
        }
        List<String> before = database.query(REPLAYED);
        start().close();
        assertThat(database.query(REPLAYED)).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void aRestrictionIsInForceBeforeItsRecordWhichFollows(Engine engine) throws Exception {
        on(engine);
        try (TestServer server = start()) {
            ApiClient admin = server.admin();
            TestWorker worker = TestWorker.enroll(server, "any");
            IssuedToken token = issueToken(admin, "viewer");
            addUser(admin, "gone", "viewer");
            String session = server.client()
                    .post("/api/login", new Login.Request("gone", PASSWORD), Login.Answer.class)
                    .token();
            database.refuseRecords();
            assertThat(answer(() -> admin.delete("/api/keys/" + worker.key().id())))
                    .isEqualTo("audit_pending");
            assertThat(answer(() -> admin.delete("/api/tokens/" + token.id()))).isEqualTo("audit_pending");
            assertThat(answer(() -> admin.delete("/api/users/gone"))).isEqualTo("audit_pending");
            assertThat(beat(server, worker)).isEqualTo("key_revoked");
            assertThat(whoAmI(server, token.token())).isEqualTo("key_revoked");
            assertThat(whoAmI(server, session)).isEqualTo("key_revoked");
            assertThat(answer(() -> login(server, "gone", PASSWORD))).isEqualTo("login_refused");
            assertThat(database.query(REPLAYED)).isEmpty();
            database.takeRecords();
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(database.query(REPLAYED))
                            .contains(
                                    "USER_REMOVED gone",
                                    "TOKEN_REVOKED " + token.id(),
                                    "API_KEY_REVOKED " + worker.key().id()));
            assertThat(database.query("SELECT state FROM api_key WHERE id = '"
                            + worker.key().id() + "'"))
                    .containsExactly("revoked");
        }
    }

    @Test
    void aKillBetweenLedgerAndDatabaseLeavesTheStricterState() throws Exception {
        on(Engine.SQLITE);
        TestWorker worker;
        try (TestServer server = TestServer.spawn(staging(), directory.resolve("console"), Map.of())) {
            worker = TestWorker.enroll(server, "any");
            ApiClient admin = server.admin();
            database.refuseRecords();
            assertThat(answer(() -> admin.delete(
                            "/api/keys/" + worker.key().id(), Map.of("reason", "compromised"), KeyView.class)))
                    .isEqualTo("audit_pending");
        }
        database.takeRecords();
        try (TestServer server = start()) {
            assertThat(beat(server, worker)).isEqualTo("key_revoked");
            assertThat(database.query(REPLAYED))
                    .containsExactly("API_KEY_REVOKED " + worker.key().id());
            assertThat(database.query("SELECT difference FROM audit WHERE outcome = 'replayed'"))
                    .allMatch(difference -> difference.contains("user admin") && difference.contains("compromised"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLostLedgerStopsTheStartUntilTheLossIsAccepted(Engine engine) throws Exception {
        on(engine);
        TestWorker worker;
        IssuedToken token;
        String session;
        String secret;
        try (TestServer server = start()) {
            ApiClient admin = server.admin();
            worker = TestWorker.enroll(server, "any");
            secret = TestWorker.secret(server);
            token = issueToken(admin, "viewer");
            session = server.client()
                    .post("/api/login", new Login.Request("admin", TestServer.ADMIN_PASSWORD), Login.Answer.class)
                    .token();
            admin.delete("/api/tokens/" + issueToken(admin, "viewer").id());
        }
        Path ledger = staging().resolve("ledger");
        Files.delete(ledger);
        assertThatThrownBy(this::start)
                .isInstanceOf(BadSetting.class)
                .hasMessageStartingWith(
                        ledger + " is missing; put the intact file back, or start once with" + " --accept-ledger-loss");
        try (TestServer server = start("accept-ledger-loss", "true", "auto-enrollment-key", secret)) {
            assertRenewed(server, worker, token, session);
            assertThat(database.query(REPLAYED)).contains("EPOCH_BEGUN ");
        }
        try (TestServer server = start()) {
            assertRenewed(server, worker, token, session);
        }
    }

    /** What was revoked since such a database was copied is in a ledger that the copy never heard of. */
    @ParameterizedTest
    @EnumSource
    void aDatabaseFromBeforeTheFirstEntryStartsNoNewLedgerByItself(Engine engine) throws Exception {
        on(engine);
        IssuedToken token;
        try (TestServer server = start()) {
            token = issueToken(server.admin(), "viewer");
        }
        assertThat(database.query("SELECT CAST(sequence AS TEXT) FROM ledger")).isEmpty();
        Path ledger = staging().resolve("ledger");
        Files.delete(ledger);
        assertThatThrownBy(this::start)
                .isInstanceOf(BadSetting.class)
                .hasMessageStartingWith(ledger + " is missing; put the intact file back");
        try (TestServer server = start("accept-ledger-loss", "true")) {
            assertThatThrownBy(() -> again(server, token.token()).get("/api/workers", Map.of(), Map.class))
                    .isInstanceOfSatisfying(
                            ApiFailure.class,
                            failure -> assertThat(failure.is(Code.KEY_REVOKED)).isTrue());
        }
    }

    private static void assertRenewed(TestServer server, TestWorker worker, IssuedToken token, String session) {
        assertThat(beat(server, worker)).isEqualTo("key_expired");
        assertThat(whoAmI(server, token.token())).isEqualTo("key_revoked");
        assertThat(whoAmI(server, session)).isEqualTo("key_revoked");
        ApiClient admin = server.admin();
        assertThat(admin.get("/api/workers/auto-enrollment", Map.of(), AutoEnrollment.View.class)
                        .enabled())
                .isFalse();
        assertThat(whoAmI(server, issueToken(admin, "viewer").token())).isEqualTo("done");
    }

    @Test
    void anOldLedgerStopsTheStart() throws Exception {
        on(Engine.SQLITE);
        start().close();
        Path ledger = staging().resolve("ledger");
        byte[] old = Files.readAllBytes(ledger);
        try (TestServer server = start()) {
            ApiClient admin = server.admin();
            admin.delete("/api/tokens/" + issueToken(admin, "viewer").id());
        }
        Files.write(ledger, old);
        assertThatThrownBy(this::start)
                .isInstanceOf(BadSetting.class)
                .hasMessageStartingWith(ledger + " ends at entry 0, but the database knows of entry 1; ");
    }
}

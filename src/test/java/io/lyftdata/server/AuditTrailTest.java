package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.type.TypeReference;
import io.lyftdata.api.Accounts.AddUser;
import io.lyftdata.api.Accounts.IssueToken;
import io.lyftdata.api.Accounts.IssuedToken;
import io.lyftdata.api.Accounts.SetPassword;
import io.lyftdata.api.Accounts.User;
import io.lyftdata.api.AutoEnrollment;
import io.lyftdata.api.Enroll;
import io.lyftdata.api.Health;
import io.lyftdata.api.Login;
import io.lyftdata.api.Page;
import io.lyftdata.api.WorkerKey;
import io.lyftdata.api.Workers.Add;
import io.lyftdata.api.Workers.Isolate;
import io.lyftdata.api.Workers.IssuedKey;
import io.lyftdata.api.Workers.Revoke;
import io.lyftdata.api.Workers.Revoked;
import io.lyftdata.api.Workers.View;
import io.lyftdata.api.audit.Acknowledgement;
import io.lyftdata.api.audit.Checkpoint;
import io.lyftdata.api.audit.Entry;
import io.lyftdata.api.audit.Exported;
import io.lyftdata.api.audit.Prune;
import io.lyftdata.api.audit.SignedHead;
import io.lyftdata.api.backup.Backups;
import io.lyftdata.api.certificate.RotateCa;
import io.lyftdata.api.certificate.Swap;
import io.lyftdata.api.fleet.Fleet;
import io.lyftdata.api.incident.Incidents;
import io.lyftdata.api.lockdown.Lockdown;
import io.lyftdata.api.rotation.Rotation;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.ApiFailure;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.Identity;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.testing.AgeKeys;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever changes something leaves a record, or does not happen; whoever is refused leaves one too. */
class AuditTrailTest {
    private static final String PASSWORD = "a long way to Tipperary 9";
    private static final Pattern CHANGING = Pattern.compile("\\| (POST|PUT|DELETE|PATCH) \\| `(/[^`]*)` \\| .* \\|");
    /** What workers report is telemetry; it changes nothing that anybody decided. */
    private static final Set<String> TELEMETRY =
            Set.of("POST /api/worker/heartbeat", "PUT /api/worker/metrics", "POST /api/worker/logs");

    /** What restricts is in force without its record, which follows. */
    private static final Set<String> RESTRICTING = Set.of(
            "DELETE /api/users/{name}",
            "POST /api/workers/{id}/isolate",
            "POST /api/workers/isolate",
            "DELETE /api/workers/{id}",
            "POST /api/workers/{id}/reset",
            "DELETE /api/tokens/{id}",
            "DELETE /api/keys/{id}",
            "POST /api/keys/revoke",
            "POST /api/incidents/lockdown",
            "POST /api/workers/auto-enrollment");

    private static TestServer server;
    private static ApiClient admin;
    private static Statement sql;

    @TempDir
    static Path directory;

    /** Each route that changes something: what makes it ready, and then the one call. */
    private static final Map<String, Supplier<Runnable>> CHANGES = Map.ofEntries(
            Map.entry("POST /api/login", () -> () -> server.admin()),
            Map.entry("POST /api/logout", () -> {
                ApiClient session = server.admin();
                return () -> session.post("/api/logout", Map.of(), Void.class);
            }),
            Map.entry("POST /api/users", () -> () -> addUser()),
            Map.entry("PUT /api/users/{name}/password", () -> {
                String name = addUser();
                return () -> admin.put("/api/users/" + name + "/password", new SetPassword(PASSWORD + "!"), Void.class);
            }),
            Map.entry("DELETE /api/users/{name}", () -> {
                String name = addUser();
                return () -> admin.delete("/api/users/" + name);
            }),
            Map.entry("POST /api/tokens", () -> () -> issueToken()),
            Map.entry("DELETE /api/tokens/{id}", () -> {
                String id = issueToken();
                return () -> admin.delete("/api/tokens/" + id);
            }),
            Map.entry("POST /api/workers", () -> () -> addWorker()),
            Map.entry("POST /api/workers/{id}/isolate", () -> {
                String id = addWorker().workerId();
                return () -> isolate(id);
            }),
            Map.entry("POST /api/workers/{id}/release", () -> {
                String id = addWorker().workerId();
                isolate(id);
                return () -> admin.post("/api/workers/" + id + "/release", null, View.class);
            }),
            Map.entry("POST /api/workers/isolate", () -> {
                String key = addWorker().keyId();
                return () -> admin.post(
                        Fleet.ISOLATE,
                        new Fleet.Isolate(new Fleet.Scope(null, null, key), "stolen", null, null),
                        Fleet.Answer.class);
            }),
            Map.entry("POST /api/workers/release", () -> {
                IssuedKey key = addWorker();
                isolate(key.workerId());
                return () -> admin.post(
                        Fleet.RELEASE,
                        new Fleet.Release(new Fleet.Scope(null, null, key.keyId()), null),
                        Fleet.Answer.class);
            }),
            Map.entry("DELETE /api/workers/{id}", () -> {
                String id = addWorker().workerId();
                return () -> admin.delete("/api/workers/" + id);
            }),
            Map.entry("POST /api/workers/{id}/reset", () -> {
                String id = addWorker().workerId();
                return () -> admin.post("/api/workers/" + id + "/reset", null, IssuedKey.class);
            }),
            Map.entry("POST /api/workers/{id}/keys", () -> {
                String id = addWorker().workerId();
                return () -> admin.post("/api/workers/" + id + "/keys", Map.of(), IssuedKey.class);
            }),
            Map.entry("DELETE /api/keys/{id}", () -> {
                String id = addWorker().keyId();
                return () -> admin.delete("/api/keys/" + id);
            }),
            Map.entry("POST /api/keys/revoke", () -> {
                addWorker();
                return () -> admin.post("/api/keys/revoke", new Revoke(true), Revoked.class);
            }),
            Map.entry(
                    "POST /api/rotation",
                    () -> () -> admin.post(
                            Rotation.PATH, new Rotation.Wish(null, null, true, null, null), Rotation.Progress.class)),
            Map.entry("POST /api/worker/recover", () -> {
                TestWorker worker =
                        TestWorker.enrollBy(server, enableEnrollment(), "w-" + Randomness.hex(64), Map.of());
                return () -> worker.recover(server);
            }),
            Map.entry("POST /api/workers/auto-enrollment", () -> {
                enableEnrollment();
                return () -> enableEnrollment();
            }),
            Map.entry("POST /api/incidents/lockdown", () -> () -> lockDown(true)),
            Map.entry("POST /api/audit/acknowledge", () -> {
                raiseAlarm();
                return () -> admin.post(Acknowledgement.PATH, new Acknowledgement("a test"), Void.class);
            }),
            Map.entry("POST /api/audit/export", () -> {
                Exported exported = newest();
                return () -> admin.post(Exported.PATH, exported, SignedHead.class);
            }),
            Map.entry("POST /api/audit/prune", () -> {
                Exported exported = newest();
                admin.post(Exported.PATH, exported, SignedHead.class);
                return () -> admin.post(Prune.PATH, new Prune(exported.last(), exported.hash()), Checkpoint.class);
            }),
            Map.entry("POST /api/certificate/rotate-ca", () -> {
                if (!admin.get(RotateCa.PATH, Map.of(), RotateCa.State.class)
                        .phase()
                        .equals("settled")) {
                    rotateCa("rollback");
                }
                return () -> rotateCa("prepare");
            }),
            Map.entry("POST /api/certificate/rotate", () -> () -> admin.post(Swap.PATH, null, Swap.class)),
            Map.entry("POST /api/backups", () -> () -> admin.post(Backups.PATH, null, Backups.Run.class)),
            Map.entry("POST /api/backups/proof", () -> {
                Backups.Run run = admin.post(Backups.PATH, null, Backups.Run.class);
                return () -> admin.post(
                        Backups.PROOF_PATH, new Backups.Proof(run.backup().sha256()), Void.class);
            }),
            Map.entry("POST /api/backups/prune", () -> {
                makeAnOldBackup();
                return () -> admin.post(Backups.PRUNE_PATH, null, Backups.Pruned.class);
            }),
            Map.entry("POST /api/incidents", () -> () -> openIncident()),
            Map.entry("POST /api/incidents/{id}/run", () -> {
                String path = openIncident();
                return () -> admin.post(path + "/run", new Incidents.Run("isolate", null), Incidents.Ran.class);
            }),
            Map.entry("POST /api/incidents/{id}/skip", () -> {
                String path = openIncident();
                return () -> skip(path, "isolate");
            }),
            Map.entry("POST /api/incidents/{id}/close", () -> {
                String path = openIncident();
                admin.get(path, Map.of(), Incidents.View.class).steps().forEach(step -> skip(path, step.name()));
                return () -> admin.post(path + "/close", new Incidents.Close("a test"), Incidents.View.class);
            }),
            Map.entry("POST /api/enroll", () -> {
                String secret = enableEnrollment();
                return () -> enroll(secret);
            }),
            Map.entry("PUT /api/worker/key", () -> {
                IssuedKey bootstrap = addWorker();
                return () -> register(bootstrap);
            }));

    @BeforeAll
    static void start() throws Exception {
        String recipient = AgeKeys.generate().recipient();
        server = TestServer.startWith(directory.resolve("staging"), "backup: {recipients: [" + recipient + "]}");
        admin = server.admin();
        Connection connection =
                DriverManager.getConnection("jdbc:sqlite:" + server.staging().resolve("control.db"));
        sql = connection.createStatement();
        sql.execute("PRAGMA busy_timeout = 20000");
    }

    @AfterAll
    static void stop() throws Exception {
        sql.getConnection().close();
        server.close();
    }

    private static void raiseAlarm() {
        try {
            sql.execute("INSERT INTO audit_alarm (segment, position, hash, worker_id) VALUES ('" + Randomness.hex(64)
                    + "', 1, '', 'w')");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Two of one day, of which one stays. */
    private static void makeAnOldBackup() {
        try {
            Path backups = Files.createDirectories(directory.resolve("staging/backups"));
            Files.writeString(backups.resolve("lyftdata-20200101T000000Z.tar.age"), "old");
            Files.writeString(backups.resolve("lyftdata-20200101T000001Z.tar.age"), "old");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String addUser() {
        String name = "user-" + Randomness.hex(64);
        admin.post("/api/users", new AddUser(name, PASSWORD, "viewer"), User.class);
        return name;
    }

    private static String issueToken() {
        return admin.post("/api/tokens", new IssueToken("t", "viewer", 60, List.of()), IssuedToken.class)
                .id();
    }

    private static IssuedKey addWorker() {
        return admin.post("/api/workers", new Add("w-" + Randomness.hex(64), Map.of()), IssuedKey.class);
    }

    private static String openIncident() {
        Incidents.Scope nobody = new Incidents.Scope(null, null, null, null, null, true);
        Incidents.Open wish = new Incidents.Open("a test", nobody, null, null, null, null);
        return Incidents.PATH + "/"
                + admin.post(Incidents.PATH, wish, Incidents.View.class).id();
    }

    private static void skip(String path, String step) {
        admin.post(path + "/skip", new Incidents.Skip(step, "a test"), Incidents.View.class);
    }

    private static void rotateCa(String step) {
        admin.post(RotateCa.PATH, new RotateCa(step, false), RotateCa.State.class);
    }

    private static void lockDown(boolean on) {
        admin.post(Lockdown.PATH, new Lockdown.Wish(on, null), Lockdown.View.class);
    }

    private static void isolate(String id) {
        admin.post("/api/workers/" + id + "/isolate", new Isolate("stolen", null), View.class);
    }

    private static String enableEnrollment() {
        return admin.post(
                        "/api/workers/auto-enrollment",
                        new AutoEnrollment.Change(true, null),
                        AutoEnrollment.View.class)
                .enrollmentSecret();
    }

    private static void enroll(String secret) {
        Identity identity = Identity.generate();
        KeyString key = KeyString.generate(KeyString.Kind.WORKER);
        Enroll.Request wish = new Enroll.Request(
                "w-" + Randomness.hex(64),
                Map.of(),
                key.id(),
                key.hash(),
                identity.publicKey(),
                Instant.now().toEpochMilli(),
                null);
        server.client()
                .authorized("Enrollment", new Secret(secret))
                .post(Enroll.PATH, wish.signed(identity.sign(wish.signedBytes())), Enroll.Answer.class);
    }

    private static Exported newest() {
        Entry newest = admin.get("/api/audit", Map.of("limit", 1), new TypeReference<Page<Entry>>() {})
                .items()
                .get(0);
        return new Exported(1, newest.position(), newest.hash());
    }

    private static void register(IssuedKey bootstrap) {
        Identity identity = Identity.generate();
        KeyString key = KeyString.generate(KeyString.Kind.WORKER);
        WorkerKey.Request wish = new WorkerKey.Request(
                key.id(), key.hash(), identity.publicKey(), Instant.now().toEpochMilli(), null);
        server.client()
                .authorized("Bearer", new Secret(bootstrap.key()))
                .put(
                        WorkerKey.PATH,
                        wish.signed(identity.sign(wish.signedBytes(bootstrap.workerId()))),
                        WorkerKey.Answer.class);
    }

    private static List<String> routes() throws IOException {
        List<String> routes = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("docs/api.md"))) {
            Matcher row = CHANGING.matcher(line);
            if (row.matches() && !TELEMETRY.contains(row.group(1) + " " + row.group(2))) {
                routes.add(row.group(1) + " " + row.group(2));
            }
        }
        return routes;
    }

    private static List<String> query(String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (ResultSet row = sql.executeQuery(query)) {
            while (row.next()) {
                rows.add(row.getString(1));
            }
        }
        return rows;
    }

    private static long records() throws SQLException {
        return Long.parseLong(
                query("SELECT COUNT(*) FROM audit WHERE outcome = 'done'").get(0));
    }

    /** Everything that is stored but the chain, how far the ledger was followed, and when somebody was last seen. */
    private static List<String> everything() throws SQLException {
        List<String> all = new ArrayList<>();
        String tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('audit', 'ledger')";
        for (String table : query(tables)) {
            List<String> columns = query("SELECT name FROM pragma_table_info('" + table + "')");
            columns.removeIf(column -> column.startsWith("last_used_at"));
            all.addAll(
                    query("SELECT '" + table + ": ' || json_array(" + String.join(", ", columns) + ") FROM " + table));
        }
        all.sort(null);
        return all;
    }

    @Test
    void everyRouteThatChangesSomethingLeavesARecord() throws Exception {
        assertThat(CHANGES.keySet())
                .as("the routes of docs/api.md that change something; a new one says here how it is called")
                .containsExactlyInAnyOrderElementsOf(routes());
        List<String> silent = new ArrayList<>();
        for (String route : routes()) {
            Runnable call = CHANGES.get(route).get();
            long before = records();
            call.run();
            if (records() == before) {
                silent.add(route);
            }
            lockDown(false);
        }
        assertThat(silent).isEmpty();
    }

    @Test
    void nothingChangesWhileNoRecordCanBeWritten() throws Exception {
        RawClient connector = RawClient.plain(server.adminUrl());
        String token = "Authorization: Bearer " + server.adminToken();
        List<String> wrong = new ArrayList<>();
        for (String route : routes()) {
            Runnable call = CHANGES.get(route).get();
            sql.execute("CREATE TRIGGER no_audit BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END");
            try {
                List<String> before = everything();
                String answer = refusal(call);
                String due = RESTRICTING.contains(route) ? "503 audit_pending" : "503 unavailable";
                List<String> after = everything();
                if (!answer.equals(due) || !after.equals(before)) {
                    after.removeAll(before);
                    wrong.add(route + ": " + answer + " " + after);
                }
                assertThat(connector
                                .call("127.0.0.1", "GET", "/healthcheck", "", token)
                                .status())
                        .isEqualTo(500);
            } finally {
                sql.execute("DROP TRIGGER no_audit");
            }
            lockDown(false);
        }
        assertThat(wrong).isEmpty();
        sql.execute("DELETE FROM audit_alarm"); // it could not be acknowledged
        RawClient.Answer healthy = connector.call("127.0.0.1", "GET", "/healthcheck", "", token);
        assertThat(healthy.status()).as(healthy.body()).isEqualTo(200);
        assertThat(server.client().get("/api/health", Map.of(), Health.class).status())
                .isEqualTo("ready");
    }

    private static String refusal(Runnable call) {
        try {
            call.run();
            return "done";
        } catch (ApiFailure e) {
            return e.status() + " " + e.problem().orElseThrow().code();
        }
    }

    @Test
    void refusalsOfOneKindFromOneAddressAreFolded() throws Exception {
        RawClient raw = RawClient.of(server);
        String stranger = "Authorization: Bearer "
                + KeyString.generate(KeyString.Kind.API_TOKEN).reveal();
        for (int i = 0; i < 20; i++) {
            raw.call("127.0.3.1", "GET", "/api/workers", "", stranger);
        }
        raw.call("127.0.3.2", "GET", "/api/users", "", "Authorization: WHITELIST prometheus");
        String mine = "SELECT outcome || ' ' || subject || ' ' || actor_kind FROM audit WHERE address = ";
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(query(mine + "'127.0.3.2'"))
                        .containsExactly("role_missing GET /api/users stranger"));
        assertThat(query(mine + "'127.0.3.1'")).hasSizeBetween(1, 2).contains("key_unknown GET /api/workers stranger");
    }

    @Test
    void aRefusedLogInIsRecordedWithoutThePassword() throws Exception {
        String wrong = "not the password at all 4";
        assertThat(refusal(() ->
                        server.client().post("/api/login", new Login.Request("admin", wrong), Login.Answer.class)))
                .isEqualTo("401 login_refused");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(query("SELECT subject FROM audit WHERE outcome = 'login_refused'"))
                        .isNotEmpty());
        assertThat(query("SELECT difference || subject || actor FROM audit")).noneMatch(text -> text.contains(wrong));
    }
}

package io.lyftdata.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.api.Accounts;
import io.lyftdata.api.AuditHead;
import io.lyftdata.api.AutoEnrollment;
import io.lyftdata.api.Login;
import io.lyftdata.api.Workers.Add;
import io.lyftdata.api.Workers.Isolate;
import io.lyftdata.api.Workers.IssuedKey;
import io.lyftdata.api.Workers.View;
import io.lyftdata.api.audit.Acknowledgement;
import io.lyftdata.api.audit.Verification;
import io.lyftdata.api.backup.Backups;
import io.lyftdata.archive.ArchiveReader;
import io.lyftdata.archive.ArchiveWriter;
import io.lyftdata.archive.BadBackup;
import io.lyftdata.archive.Envelope;
import io.lyftdata.archive.Manifest;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.ApiFailure;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.snapshot.Progress;
import io.lyftdata.testing.AgeKeys;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A restore brings everything back but those who were shut out since; whole servers, on both databases (R14), and crashes on
 * SQLite (R16); those on PostgreSQL are in {@link PostgresqlRestoreCrashTest}.
 */
class RestoreTest {
    private static final AgeKeys AGE = AgeKeys.generate();
    private static final String PASSWORD = "a long way to Tipperary 9";

    @TempDir
    Path directory;

    private String database = "";

    private Path staging() {
        return directory.resolve("staging");
    }

    private TestServer start(Path staging) throws IOException {
        String url = database.isEmpty() ? "" : "\ndatabase-url: " + database;
        return TestServer.startWith(staging, "backup: {recipients: [" + AGE.recipient() + "]}" + url);
    }

    private static Path backup(TestServer server) {
        String name = server.admin()
                .post(Backups.PATH, null, Backups.Run.class)
                .backup()
                .name();
        return server.staging().resolve("backups").resolve(name);
    }

    private Restore.Request request(Path file, Path staging) {
        return new Restore.Request(
                file,
                Envelope.identities(AGE.identity()),
                Optional.empty(),
                false,
                staging,
                Optional.of(database).filter(url -> !url.isEmpty()).map(Secret::new));
    }

    private static Restore.Request signedBy(Restore.Request request, String signer) {
        return new Restore.Request(
                request.file(),
                request.identities(),
                Optional.of(signer),
                request.foreign(),
                request.staging(),
                request.databaseUrl());
    }

    private static Restore.Request foreign(Restore.Request request) {
        return new Restore.Request(
                request.file(), request.identities(), request.signer(), true, request.staging(), request.databaseUrl());
    }

    private static Outcome restore(Restore.Request request, Progress progress) throws IOException {
        try (Restore restore = Restore.prepare(request, Map.of(), Clock.systemUTC(), progress)) {
            assertThat(Report.before(restore)).contains("workers");
            Outcome outcome = restore.apply();
            assertThat(Report.after(restore, outcome)).contains("Next");
            return outcome;
        }
    }

    private static String refusal(Runnable call) {
        try {
            call.run();
            return "done";
        } catch (ApiFailure e) {
            return e.problem().orElseThrow().code();
        }
    }

    private static void addUser(TestServer server, String name) {
        server.admin().post("/api/users", new Accounts.AddUser(name, PASSWORD, "admin"), Accounts.User.class);
    }

    private static String health(TestServer server) throws IOException {
        return RawClient.plain(server.adminUrl())
                .call("127.0.0.1", "GET", "/healthcheck", "", "Authorization: Bearer " + server.adminToken())
                .body();
    }

    private static void assertChainIsWhole(TestServer server) {
        Verification found = server.admin().get("/api/audit/verification", Map.of(), Verification.class);
        assertThat(found.broken()).isNull();
    }

    private static String actions(TestServer server) {
        return server.admin()
                .get("/api/audit", Map.of("limit", 1000), Map.class)
                .toString();
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void bringsBackAllButWhoWasShutOutSince(Engine engine) throws Exception {
        database = engine == Engine.POSTGRESQL ? Engine.newPostgresqlUrl() : "";
        Path file;
        TestWorker stolen;
        TestWorker honest;
        TestWorker late;
        String kept;
        String revoked;
        String session;
        AuditHead seen;
        try (TestServer server = start(staging())) {
            stolen = TestWorker.enroll(server, "stolen");
            honest = TestWorker.enroll(server, "honest");
            kept = server.token("viewer");
            revoked = server.token("admin");
            addUser(server, "before");
            session = server.client()
                    .post("/api/login", new Login.Request("admin", TestServer.ADMIN_PASSWORD), Login.Answer.class)
                    .token();
            file = backup(server);
            server.admin().post("/api/workers/stolen/isolate", new Isolate("gone", null), View.class);
            server.admin()
                    .delete("/api/tokens/"
                            + KeyString.parse(revoked).orElseThrow().id());
            honest = honest.rotate(server);
            honest.beat();
            honest = honest.rotate(server);
            late = TestWorker.enroll(server, "late");
            addUser(server, "after");
            server.admin().delete("/api/users/before");
            seen = honest.beat().auditHead();
        }
        try (Restore restore = Restore.prepare(request(file, staging()), Map.of(), Clock.systemUTC(), Progress.NONE)) {
            assertThat(restore.difference().workers().going()).containsExactly("late");
            assertThat(restore.difference().users().going()).containsExactly("after");
            assertThat(restore.difference().users().coming()).containsExactly("before");
            Outcome outcome = restore.apply();
            assertThat(outcome.isLedgerKept()).isTrue();
            assertThat(outcome.isLogKept()).isTrue();
            assertThat(outcome.tls()).isEqualTo("kept");
            assertThat(outcome.shutOut()).containsExactly("stolen");
            assertThat(Report.after(restore, outcome))
                    .contains("lyftdata workers add late --identity "
                            + late.identity().publicKey());
        }
        try (TestServer server = start(staging())) {
            assertThat(refusal(() -> stolen.at(server).beat())).isEqualTo("worker_isolated");
            assertThat(refusal(() -> stolen.recover(server))).isEqualTo("worker_isolated");
            TestWorker rotated = honest;
            assertThat(refusal(() -> rotated.at(server).beat(seen))).isEqualTo("key_unknown");
            rotated.recover(server).beat(seen);
            assertThat(refusal(() -> late.at(server).beat())).isEqualTo("key_unknown");
            assertThat(refusal(() -> late.recover(server))).isEqualTo("proof_invalid");
            server.admin()
                    .post(
                            "/api/workers",
                            new Add("late", Map.of(), late.identity().publicKey()),
                            IssuedKey.class);
            late.recover(server).beat();
            ApiClient anybody = server.client();
            assertThat(refusal(() ->
                            anybody.authorized("Bearer", new Secret(revoked)).get("/api/workers", Map.of(), Map.class)))
                    .isEqualTo("key_revoked");
            anybody.authorized("Bearer", new Secret(kept)).get("/api/workers", Map.of(), Map.class);
            for (String gone : List.of("before", "after")) {
                assertThat(refusal(() ->
                                anybody.post("/api/login", new Login.Request(gone, PASSWORD), Login.Answer.class)))
                        .isEqualTo("login_refused");
            }
            assertThat(refusal(() ->
                            anybody.authorized("Bearer", new Secret(session)).get("/api/workers", Map.of(), Map.class)))
                    .as("a session of then")
                    .isEqualTo("key_revoked");
            assertThat(server.admin()
                            .get("/api/workers/auto-enrollment", Map.of(), AutoEnrollment.View.class)
                            .enabled())
                    .isFalse();
            assertThat(actions(server)).contains("RESTORED", "EPOCH_BEGUN", "WORKER_ISOLATED", "subject=late");
            assertChainIsWhole(server);
            assertThat(health(server))
                    .contains("\"audit_rolled_back\":{\"healthy\":true", "\"audit_lost\":{\"healthy\":true");
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void elsewhereNobodyGetsInWithoutProofAndTheLostLogIsTold(Engine engine) throws Exception {
        Path file;
        TestWorker worker;
        String token;
        AuditHead beyond;
        String signer;
        try (TestServer server = start(staging())) {
            worker = TestWorker.enroll(server, "w");
            token = server.token("admin");
            file = backup(server);
            addUser(server, "after");
            beyond = worker.beat().auditHead();
            signer = SigningKey.open(staging().resolve("signing.key")).fingerprint();
        }
        Path elsewhere = directory.resolve("elsewhere");
        database = engine == Engine.POSTGRESQL ? Engine.newPostgresqlUrl() : "";
        Restore.Request request = request(file, elsewhere);
        assertThatThrownBy(() -> restore(request, Progress.NONE))
                .isInstanceOf(BadSetting.class)
                .hasMessageContaining("--signer " + signer);
        Outcome outcome = restore(signedBy(request, signer), Progress.NONE);
        assertThat(outcome.isLedgerKept()).isFalse();
        assertThat(outcome.isLogKept()).isFalse();
        assertThat(outcome.tls()).isEqualTo("restored");
        assertThat(elsewhere.resolve("tls/ca.crt"))
                .hasSameBinaryContentAs(staging().resolve("tls/ca.crt"));
        try (TestServer server = start(elsewhere)) {
            ApiClient anybody = server.client();
            assertThat(refusal(() -> worker.at(server).beat())).isEqualTo("key_expired");
            assertThat(refusal(() ->
                            anybody.authorized("Bearer", new Secret(token)).get("/api/workers", Map.of(), Map.class)))
                    .isEqualTo("key_revoked");
            assertThat(refusal(() -> anybody.post(
                            "/api/login", new Login.Request("admin", TestServer.ADMIN_PASSWORD), Login.Answer.class)))
                    .isEqualTo("login_refused");
        }
        try (TestServer server = startAnew(elsewhere)) {
            IssuedAgain again = IssuedAgain.of(server, worker);
            again.beat(server, beyond);
            assertThat(health(server))
                    .contains("\"audit_lost\":{\"healthy\":false", "\"audit_rolled_back\":{\"healthy\":true");
            server.admin().post(Acknowledgement.PATH, new Acknowledgement("the disk burnt"), Void.class);
            again.beat(server, beyond);
            assertThat(health(server)).contains("\"audit_lost\":{\"healthy\":true");
            assertChainIsWhole(server);
        }
    }

    private TestServer startAnew(Path staging) throws IOException {
        return TestServer.start(
                staging,
                database.isEmpty()
                        ? Map.of("reset-admin-password", "true")
                        : Map.of("reset-admin-password", "true", "database-url", database));
    }

    /** A worker that got a key by hand, which any server takes. */
    private record IssuedAgain(TestWorker worker) {
        static IssuedAgain of(TestServer server, TestWorker former) {
            assertThat(former).isNotNull();
            return new IssuedAgain(TestWorker.enroll(server, "w2"));
        }

        void beat(TestServer server, AuditHead head) {
            worker.at(server).beat(head);
        }
    }

    @Test
    void aCrashAtAnyStepLeavesTheOldStateOrTheNew() throws Exception {
        Path file;
        try (TestServer server = start(staging())) {
            TestWorker.enroll(server, "then");
            file = backup(server);
            TestWorker.enroll(server, "now");
        }
        Path saved = Files.copy(file, directory.resolve(file.getFileName().toString()));
        List<Path> moments = new ArrayList<>();
        String[] last = {""};
        restore(request(saved, staging()), (step, done, total) -> {
            if (!step.equals(last[0])) {
                last[0] = step;
                Path moment = directory.resolve("moment-" + moments.size());
                TestServer.copy(staging(), moment);
                moments.add(moment);
            }
        });
        assertThat(moments).hasSizeGreaterThan(12);
        moments.add(staging());
        List<String> found = new ArrayList<>();
        for (Path moment : moments) {
            settle(moment);
            try (Stream<Path> files = Files.list(moment)) {
                assertThat(files.map(each -> each.getFileName().toString()))
                        .noneMatch(name -> name.startsWith(".restore"));
            }
            found.add(workers("jdbc:sqlite:" + moment.resolve("control.db")));
        }
        assertThat(found.get(0)).isEqualTo("now then");
        assertThat(found.get(found.size() - 1)).isEqualTo("then");
        assertThat(String.join(",", found)).matches("(now then,)+then(,then)*");
        for (int i : new int[] {0, moments.size() / 2, moments.size() - 3}) {
            try (TestServer server = start(moments.get(i))) {
                assertChainIsWhole(server);
            }
        }
    }

    private static void settle(Path moment) throws IOException {
        new Placement(moment).settle(Optional.empty(), Progress.NONE);
    }

    /** What the database of that URL has committed. */
    static String workers(String database) {
        try (var connection = DriverManager.getConnection(database);
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT id FROM worker ORDER BY id")) {
            List<String> names = new ArrayList<>();
            while (rows.next()) {
                names.add(rows.getString(1));
            }
            return String.join(" ", names);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, String> contents(Path staging) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        for (Path file : TestServer.files(staging)) {
            boolean isState = Files.isRegularFile(file) && !file.toString().contains("/native/");
            if (isState) {
                contents.put(staging.relativize(file).toString(), Digests.sha256Hex(Files.readAllBytes(file)));
            }
        }
        return contents;
    }

    @Test
    void whatIsNotToBeBelievedChangesNothing() throws Exception {
        Path file;
        try (TestServer server = start(staging())) {
            TestWorker.enroll(server, "w");
            file = backup(server);
        }
        Path other = directory.resolve("other");
        Path foreign;
        try (TestServer server = start(other)) {
            foreign = backup(server);
        }
        Map<String, String> before = contents(staging());
        byte[] good = Files.readAllBytes(file);
        Path bad = directory.resolve("bad.tar.age");
        for (int length : new int[] {0, 1, 21, 200, good.length / 2, good.length - 1}) {
            Files.write(bad, Arrays.copyOf(good, length));
            assertRefused(request(bad, staging()), BadBackup.class);
        }
        byte[] flipped = good.clone();
        flipped[good.length / 3] ^= 1;
        Files.write(bad, flipped);
        assertRefused(request(bad, staging()), BadBackup.class);
        assertRefused(request(foreign, staging()), BadBackup.class);
        String signer = SigningKey.open(other.resolve("signing.key")).fingerprint();
        assertRefused(signedBy(request(foreign, staging()), signer), BadBackup.class);
        assertRefused(signedBy(request(file, staging()), signer), BadBackup.class);
        Restore.Request wrong = request(file, staging());
        assertRefused(
                new Restore.Request(
                        file,
                        Envelope.identities(AgeKeys.generate().identity()),
                        Optional.empty(),
                        false,
                        wrong.staging(),
                        Optional.empty()),
                BadBackup.class);
        assertThat(contents(staging())).isEqualTo(before);

        try (TestServer server = start(staging())) {
            assertThat(server.url()).isNotNull();
            assertRefused(request(file, staging()), BadSetting.class);
        }
        Outcome outcome = restore(foreign(request(foreign, staging())), Progress.NONE);
        assertThat(outcome.isLedgerKept()).isFalse();
        assertThat(outcome.aside().resolve("control.db")).exists();
        assertThat(staging().resolve("installation")).hasSameTextualContentAs(other.resolve("installation"));
    }

    private static Map<String, byte[]> members(Path file) throws IOException {
        Map<String, ByteArrayOutputStream> members = new TreeMap<>();
        new ArchiveReader(file, Envelope.identities(AGE.identity())).read(signer -> true, (manifest, member) -> {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            members.put(member.name(), out);
            return out;
        });
        Map<String, byte[]> contents = new TreeMap<>();
        members.forEach((name, out) -> contents.put(name, out.toByteArray()));
        return contents;
    }

    @Test
    void aBackupHoldsNothingThatLetsAnybodyIn() throws Exception {
        Map<String, String> secrets = new TreeMap<>();
        Path file;
        try (TestServer server = start(staging())) {
            secrets.put("password", TestServer.ADMIN_PASSWORD);
            secrets.put("enrollment secret", TestWorker.secret(server));
            secrets.put("token", server.token("admin"));
            secrets.put("worker key", TestWorker.enroll(server, "w").key().reveal());
            secrets.put("admin token", server.adminToken());
            file = backup(server);
        }
        Map<String, byte[]> members = members(file);
        assertThat(members.keySet())
                .containsExactly(
                        "control.db",
                        "installation",
                        "settings.json",
                        "signing.key",
                        "tls/ca.crt",
                        "tls/ca.key",
                        "tls/server.crt",
                        "tls/server.key");
        assertThat(new String(members.get("control.db"), StandardCharsets.ISO_8859_1))
                .as("what is searched is in the clear")
                .contains(Digests.sha256Hex(secrets.get("worker key")))
                .contains(Digests.sha256Hex(secrets.get("token")));
        members.forEach((member, content) -> {
            String text = new String(content, StandardCharsets.ISO_8859_1);
            secrets.forEach((name, secret) -> assertThat(text.contains(secret))
                    .as("%s in %s", name, member)
                    .isFalse());
        });
    }

    /** Signed as it should be, so that the schema alone decides. */
    @Test
    void aNewerSchemaIsRefusedAndNothingIsChanged() throws Exception {
        Path file;
        try (TestServer server = start(staging())) {
            file = backup(server);
        }
        SigningKey key = SigningKey.open(staging().resolve("signing.key"));
        Map<String, byte[]> members = members(file);
        Manifest was = new ArchiveReader(file, Envelope.identities(AGE.identity()))
                .read(signer -> true, (manifest, member) -> OutputStream.nullOutputStream());
        Manifest newer = new Manifest(
                was.purpose(),
                was.installation(),
                was.createdAt(),
                "99.1",
                "99",
                was.engine(),
                was.counts(),
                was.lacks(),
                was.settings(),
                was.ledger(),
                was.audit(),
                was.members());
        Path forged = directory.resolve("newer.tar.age");
        try (OutputStream out = Files.newOutputStream(forged)) {
            new ArchiveWriter(key, List.of(AGE.recipient()))
                    .write(out, newer, member -> new ByteArrayInputStream(members.get(member.name())));
        }
        Map<String, String> before = contents(staging());
        assertThatThrownBy(() -> restore(request(forged, staging()), Progress.NONE))
                .isInstanceOf(BadBackup.class)
                .hasMessageContaining("use version 99.1");
        assertThat(contents(staging())).isEqualTo(before);
    }

    private static void assertRefused(Restore.Request request, Class<? extends RuntimeException> reason) {
        assertThatThrownBy(() -> restore(request, Progress.NONE)).isInstanceOf(reason);
    }
}

package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lyftdata.agent.Agent;
import io.lyftdata.agent.AgentConfig;
import io.lyftdata.api.Accounts;
import io.lyftdata.api.AuditHead;
import io.lyftdata.api.Health;
import io.lyftdata.api.Heartbeat;
import io.lyftdata.api.audit.Acknowledgement;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.Endpoint;
import io.lyftdata.client.Json;
import io.lyftdata.client.Trust;
import io.lyftdata.config.Secret;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An audit log that was put back behind its workers' backs (S16): whole servers, whole workers, real files. */
class RollbackTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    Path temporary;

    private Path staging() {
        return temporary.resolve("staging");
    }

    private TestServer start() throws IOException {
        return TestServer.start(staging(), Map.of());
    }

    private Path database() {
        return staging().resolve("control.db");
    }

    private Path copy() {
        return temporary.resolve("old.db");
    }

    private Path keptHead() {
        return temporary.resolve("jobs/audit-head.json");
    }

    /** Only while no server has it. */
    private void putTheOldDatabaseBack() throws IOException {
        assertThat(staging().resolve("control.db-wal")).doesNotExist();
        Files.copy(copy(), database(), StandardCopyOption.REPLACE_EXISTING);
    }

    private static void change(TestServer server, String name) {
        server.admin()
                .post(
                        "/api/users",
                        new Accounts.AddUser(name, "correct horse battery staple 8", "viewer"),
                        Accounts.User.class);
    }

    private Agent agent(TestServer server) {
        AgentConfig config = new AgentConfig(
                new Endpoint(server.url(), Trust.ofPins(server.pin())),
                Optional.empty(),
                Optional.empty(),
                "web-1",
                () -> Files.exists(keptHead()) ? Optional.empty() : Optional.of(new Secret(TestWorker.secret(server))),
                temporary.resolve("jobs"),
                AgentConfig.DEFAULT_METRICS_INTERVAL,
                Map.of(),
                List.of(),
                List.of());
        Agent agent = Agent.open(config, Clock.systemUTC(), System::nanoTime);
        agent.start();
        return agent;
    }

    /** A worker's process, for one heartbeat at least, until it has seen the position. */
    private AuditHead runUntil(TestServer server, long position) {
        return run(server, head -> head.position() >= position);
    }

    private AuditHead runUntilSegmentIsNot(TestServer server, String segment) {
        return run(server, head -> !head.segment().equals(segment));
    }

    private AuditHead run(TestServer server, Predicate<AuditHead> enough) {
        try (Agent agent = agent(server)) {
            assertThat(agent).isNotNull();
            await().atMost(PATIENCE).until(() -> Files.exists(keptHead()) && enough.test(kept()));
        }
        return kept();
    }

    private AuditHead kept() {
        try {
            return Json.MAPPER.readValue(keptHead().toFile(), AuditHead.class);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String admin(TestServer server, String path) throws IOException {
        String token = "Authorization: Bearer " + server.adminToken();
        return RawClient.plain(server.adminUrl())
                .call("127.0.0.1", "GET", path, "", token)
                .body();
    }

    private static void assertRolledBack(TestServer server, boolean isRolledBack) throws IOException {
        String health = admin(server, "/healthcheck");
        assertThat(health).contains("\"audit_rolled_back\":{\"healthy\":" + !isRolledBack);
        assertThat(health.contains("lyftdata audit acknowledge")).isEqualTo(isRolledBack);
        assertThat(admin(server, "/metrics"))
                .contains("\nlyftdata_server_audit_rolled_back " + (isRolledBack ? "1.0" : "0.0") + "\n");
        assertThat(server.client().get("/api/health", Map.of(), Health.class)).isEqualTo(new Health("ready"));
    }

    @Test
    void anOldDatabasePutBackIsNoticedWithinOneHeartbeat() throws Exception {
        AuditHead first;
        TestWorker sleepy;
        try (TestServer server = start()) {
            sleepy = TestWorker.enroll(server, "sleepy");
            first = runUntil(server, 1);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keptHead())))
                    .isEqualTo("rw-------");
        }
        Files.copy(database(), copy());
        AuditHead last;
        AuditHead lost;
        try (TestServer server = start()) {
            change(server, "ann");
            lost = sleepy.at(server).beat().auditHead();
            assertThat(lost.position()).isGreaterThan(first.position());
            change(server, "bob");
            last = runUntil(server, first.position() + 2);
            assertRolledBack(server, false);
        }
        putTheOldDatabaseBack();
        try (TestServer server = start()) {
            assertRolledBack(server, false);
            try (Agent agent = agent(server)) {
                assertThat(agent).isNotNull();
                await().atMost(PATIENCE)
                        .until(() ->
                                admin(server, "/healthcheck").contains("\"audit_rolled_back\":{\"healthy\":false"));
            }
            assertRolledBack(server, true);
            assertThat(kept()).as("the worker keeps its proof").isEqualTo(last);
        }
        try (TestServer server = start()) {
            assertRolledBack(server, true);
            server.admin().post(Acknowledgement.PATH, new Acknowledgement("an old snapshot"), Void.class);
            assertRolledBack(server, false);
            sleepy.at(server).beat(lost);
            sleepy.at(server).beat(runUntilSegmentIsNot(server, last.segment()));
            runUntilSegmentIsNot(server, last.segment());
            assertRolledBack(server, false);
        }
    }

    @Test
    void aTailThatWasCutIsNoticedAndARestartIsNot() throws Exception {
        TestWorker worker;
        AuditHead seen;
        try (TestServer server = start()) {
            worker = TestWorker.enroll(server, "w1");
            seen = worker.beat().auditHead();
        }
        try (TestServer server = start()) {
            worker.at(server).beat(seen);
            assertRolledBack(server, false);
        }
        cut(seen.position());
        try (TestServer server = start()) {
            worker.at(server).beat(seen);
            assertRolledBack(server, true);
        }
    }

    private void cut(long from) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + database());
                var statement = connection.createStatement()) {
            statement.executeUpdate("DELETE FROM audit WHERE position >= " + from);
        }
    }

    @Test
    void noHeadOfAnyShapeCostsAHeartbeat() throws IOException {
        TestServer server = TestServer.shared();
        TestWorker worker = TestWorker.enroll(server, "odd-heads");
        AuditHead genuine = worker.beat().auditHead();
        String head = Json.MAPPER.writeValueAsString(genuine);
        String[] heads = {
            "null",
            "1",
            "true",
            "\"" + "x".repeat(10_000) + "\"",
            "[]",
            "[[{}]]",
            "{}",
            "{\"position\":1e300}",
            "{\"position\":-1,\"installation\":[]}",
            head.replace("\"position\":", "\"position\":9"),
            head.replace("}", ",\"later\":{\"is\":[\"more\"]}}"),
            head
        };
        for (String odd : heads) {
            assertThat(beat(server, worker, ",\"auditHead\":" + odd + ",\"later\":1"))
                    .as(odd)
                    .isEqualTo(200);
        }
        assertThat(beat(server, worker, "")).isEqualTo(200);
        ApiClient admin = server.admin();
        Map<String, String> forged = Map.of("actor", worker.id(), "outcome", "head_forged");
        await().atMost(PATIENCE)
                .until(() ->
                        admin.get("/api/audit", forged, Map.class).toString().contains("REFUSED"));
        assertRolledBack(server, false);
    }

    private static int beat(TestServer server, TestWorker worker, String more) throws IOException {
        return RawClient.of(server)
                .call(
                        "127.0.0.1",
                        "POST",
                        Heartbeat.PATH,
                        "{\"version\":\"1\",\"uptimeSeconds\":1,\"labels\":{},\"tlsMode\":\"pinned\"" + more + "}",
                        "Authorization: Bearer " + worker.key().reveal(),
                        "Content-Type: application/json",
                        Heartbeat.INSTANCE_HEADER + ": " + "0".repeat(32))
                .status();
    }
}

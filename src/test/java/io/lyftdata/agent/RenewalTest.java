package io.lyftdata.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.agent.FakeServer.Fate;
import io.lyftdata.agent.FakeServer.No;
import io.lyftdata.api.Code;
import io.lyftdata.client.Endpoint;
import io.lyftdata.client.LoopbackServer;
import io.lyftdata.client.Trust;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.testing.MovableClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The worker's half of rotation and recovery: whatever is lost, it comes back by itself. */
class RenewalTest {
    private static final String ENROLL = "POST /api/enroll";
    private static final String ANNOUNCE = "PUT /api/worker/key";
    private static final String RECOVER = "POST /api/worker/recover";
    private static final String BEAT = "POST /api/worker/heartbeat";
    private static final List<String> KEY_FILES = List.of("identity.pem", "worker.key", "next.key", "worker.json");

    private final MovableClock serverClock = new MovableClock();
    private final MovableClock clock = new MovableClock();
    private final AtomicLong ticks = new AtomicLong();
    private FakeServer server;
    private LoopbackServer socket;

    @TempDir
    Path temporary;

    @BeforeEach
    void listen() throws Exception {
        server = new FakeServer(serverClock);
        socket = LoopbackServer.plain(server);
    }

    @AfterEach
    void stop() {
        socket.close();
    }

    @Test
    void theNextKeyIsOnDiskBeforeTheServerHearsOfIt() {
        try (Agent agent = open()) {
            step(agent);
            String first = held();
            server.keyDue = true;
            server.beforeAnswer = () -> {
                if (server.calls.get(server.calls.size() - 1).equals(ANNOUNCE)) {
                    assertThat(text("next.key")).isNotEqualTo(first);
                    assertThat(held()).isEqualTo(first);
                    server.keyDue = false;
                }
            };
            step(agent);
            assertThat(server.calls).containsExactly(ENROLL, BEAT, BEAT, ANNOUNCE, BEAT);
            assertThat(held()).isNotEqualTo(first);
            assertKnown();
            assertThat(jobs().resolve("next.key")).doesNotExist();
        }
    }

    @Test
    void aKilledWorkerOrALostCallAtAnyStepOfARotationStrandsNobody() throws Exception {
        // A rotation is three calls: the heartbeat that says so, the announcement, the first use.
        for (Fate fate : List.of(Fate.DROP, Fate.LOSE)) {
            for (int call = 1; call <= 3; call++) {
                for (boolean killed : List.of(true, false)) {
                    strike(fate, call, killed, () -> server.keyDue = true);
                }
            }
        }
    }

    @Test
    void aKilledWorkerOrALostCallAtAnyStepOfARecoveryStrandsNobody() throws Exception {
        // A recovery is four calls: two refusals, the proof, the first use.
        for (Fate fate : List.of(Fate.DROP, Fate.LOSE)) {
            for (int call = 1; call <= 4; call++) {
                for (boolean killed : List.of(true, false)) {
                    strike(fate, call, killed, this::revoke);
                }
            }
        }
    }

    private void revoke() {
        FakeServer.Known known = server.workers.get("web-1");
        server.workers.put("web-1", new FakeServer.Known("web-1", known.identity(), "ended"));
    }

    /** Lets one call fail, in a killed worker with what was on its disk at that moment; in the end it is known. */
    private void strike(Fate fate, int call, boolean killed, Runnable cause) throws IOException {
        stop();
        server = new FakeServer(serverClock);
        socket = openSocket();
        Path left = Files.createDirectories(Files.createTempDirectory(temporary, "left"));
        deleteKeys();
        Agent agent = open();
        step(agent);
        String identity = text("identity.pem");
        cause.run();
        AtomicInteger counter = new AtomicInteger();
        server.beforeAnswer = () -> {
            if (counter.incrementAndGet() == call) {
                server.next(fate);
                copy(jobs(), left);
            }
        };
        for (int i = 0; i < 4; i++) {
            step(agent);
        }
        server.beforeAnswer = () -> {};
        server.keyDue = false;
        if (killed) {
            agent.close();
            deleteKeys();
            copy(left, jobs());
            agent = open();
        }
        for (int i = 0; i < 6; i++) {
            step(agent);
        }
        agent.close();
        assertThat(text("identity.pem")).isEqualTo(identity);
        assertKnown();
    }

    @Test
    void aCrashWhileTheNewKeyIsAdoptedLeavesOneThatCounts() throws Exception {
        try (Agent agent = open()) {
            step(agent);
        }
        writeNext(held() + "\n");
        try (Agent agent = open()) {
            step(agent);
            server.keyDue = true;
            step(agent);
            server.keyDue = false;
        }
        assertKnown();
        writeNext("lyd_wk_cut");
        try (Agent agent = open()) {
            step(agent);
        }
        assertKnown();
    }

    @Test
    void theHeldKeyIsTriedAgainBeforeAnotherIsMade() {
        for (Code code : List.of(Code.KEY_UNKNOWN, Code.KEY_EXPIRED, Code.KEY_REVOKED)) {
            try (Agent agent = open()) {
                step(agent);
                String before = held();
                server.next(new No(code));
                step(agent);
                step(agent);
                assertThat(held()).isEqualTo(before);
                server.next(new No(code), new No(code));
                step(agent);
                step(agent);
                step(agent);
                assertThat(held()).isNotEqualTo(before);
                assertKnown();
            }
        }
        assertThat(server.calls.stream().filter(RECOVER::equals)).hasSize(3);
        assertThat(server.instances).as("recoveries name the process too").doesNotContainNull();
    }

    @Test
    void anIsolatedWorkerProvesNothing() {
        try (Agent agent = open()) {
            step(agent);
            server.next(new No(Code.WORKER_ISOLATED), new No(Code.WORKER_ISOLATED), new No(Code.WORKER_ISOLATED));
            for (int i = 0; i < 4; i++) {
                step(agent);
            }
        }
        assertThat(server.calls).doesNotContain(RECOVER);
    }

    @Test
    void aWrongClockOrAnotherInstallationIsSignedAnew() throws Exception {
        try (Agent agent = open()) {
            step(agent);
        }
        String facts = text("worker.json");
        assertThat(facts).contains("\"installation\":\"installation\"");
        Files.writeString(
                jobs().resolve("worker.json"), facts.replace(":\"installation\"", ":\"" + "0".repeat(32) + "\""));
        serverClock.advance(Duration.ofDays(400));
        revoke();
        try (Agent agent = open()) {
            for (int i = 0; i < 4; i++) {
                step(agent);
            }
        }
        assertKnown();
        assertThat(text("worker.json")).isEqualTo(facts);
    }

    private void writeNext(String text) throws IOException {
        Files.writeString(jobs().resolve("next.key"), text);
        Files.setPosixFilePermissions(
                jobs().resolve("next.key"), Files.getPosixFilePermissions(jobs().resolve("worker.key")));
    }

    private void assertKnown() {
        assertThat(KeyString.parse(held()).orElseThrow().hash())
                .isEqualTo(server.workers.get("web-1").keyHash());
    }

    private String held() {
        return text("worker.key").strip();
    }

    /** Until the next attempt. */
    private void step(Agent agent) {
        int before = server.calls.size();
        do {
            ticks.addAndGet(agent.step().toNanos());
        } while (server.calls.size() == before);
    }

    private LoopbackServer openSocket() {
        try {
            return LoopbackServer.plain(server);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private Agent open() {
        AgentConfig config = new AgentConfig(
                new Endpoint(URI.create(socket.url("http")), Trust.ofJvm()),
                Optional.empty(),
                Optional.empty(),
                "web-1",
                () -> Optional.of(new Secret(FakeServer.SECRET)),
                jobs(),
                AgentConfig.DEFAULT_METRICS_INTERVAL,
                Map.of(),
                List.of(),
                List.of());
        return Agent.open(config, clock, ticks::get);
    }

    private Path jobs() {
        return temporary.resolve("jobs");
    }

    private void deleteKeys() throws IOException {
        for (String name : KEY_FILES) {
            Files.deleteIfExists(jobs().resolve(name));
        }
    }

    private static void copy(Path from, Path to) {
        for (String name : KEY_FILES) {
            try {
                if (Files.exists(from.resolve(name))) {
                    Files.copy(
                            from.resolve(name),
                            to.resolve(name),
                            StandardCopyOption.REPLACE_EXISTING,
                            StandardCopyOption.COPY_ATTRIBUTES);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private String text(String name) {
        try {
            return Files.readString(jobs().resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

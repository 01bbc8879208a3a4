package io.lyftdata.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.agent.FakeServer.Fate;
import io.lyftdata.agent.FakeServer.No;
import io.lyftdata.api.Code;
import io.lyftdata.client.Endpoint;
import io.lyftdata.client.LoopbackServer;
import io.lyftdata.client.Trust;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.testing.MovableClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JoiningTest {
    private static final String ENROLL = "POST /api/enroll";
    private static final String REGISTER = "PUT /api/worker/key";
    private static final String BEAT = "POST /api/worker/heartbeat";

    private final MovableClock serverClock = new MovableClock();
    private final MovableClock clock = new MovableClock();
    private final AtomicLong ticks = new AtomicLong();
    private final FakeServer server = new FakeServer(serverClock);
    private final AtomicReference<Optional<Secret>> secret =
            new AtomicReference<>(Optional.of(new Secret(FakeServer.SECRET)));
    private LoopbackServer socket;

    @TempDir
    Path temporary;

    @BeforeEach
    void listen() throws Exception {
        socket = LoopbackServer.plain(server);
    }

    @AfterEach
    void stop() {
        socket.close();
    }

    @Test
    void identityAndKeyAreOnDiskBeforeTheFirstCall() throws Exception {
        AtomicReference<String> keyAtCall = new AtomicReference<>();
        server.beforeAnswer = () -> keyAtCall.compareAndSet(null, text("worker.key") + text("identity.pem"));

        try (Agent agent = enrolling()) {
            step(agent);
        }

        assertThat(server.calls).containsExactly(ENROLL, BEAT);
        assertThat(keyAtCall.get()).isEqualTo(text("worker.key") + text("identity.pem"));
        assertThat(KeyString.parse(text("worker.key").strip()).orElseThrow().hash())
                .isEqualTo(server.workers.get("web-1").keyHash());
        assertThat(Files.getPosixFilePermissions(jobs().resolve("worker.key"))).hasSize(2);
        assertThat(Files.getPosixFilePermissions(jobs())).hasSize(3);
    }

    @Test
    void aLostAnswerNeverMakesASecondIdentity() {
        server.next(Fate.LOSE, Fate.DROP, Fate.LOSE);

        try (Agent agent = enrolling()) {
            for (int i = 0; i < 4; i++) {
                step(agent);
            }
        }

        assertThat(server.calls).containsExactly(ENROLL, BEAT, BEAT, BEAT, BEAT);
        assertThat(server.workers).hasSize(1);
        assertThat(text("worker.json")).contains("\"joined\":true", "\"workerId\":\"web-1\"");
    }

    @Test
    void anAnswerLostByThisProcessIsFoundByTheNextEvenWithoutTheSecret() {
        server.next(Fate.LOSE);
        try (Agent agent = enrolling()) {
            step(agent);
        }
        secret.set(Optional.empty());

        try (Agent agent = enrolling()) {
            step(agent);
        }

        assertThat(server.calls).containsExactly(ENROLL, BEAT, BEAT);
        assertThat(server.workers).hasSize(1);
    }

    @Test
    void aBootstrapKeySpentInALostAnswerIsNotMissed() {
        KeyString bootstrap = KeyString.generate(KeyString.Kind.WORKER);
        server.bootstrapHash = bootstrap.hash();
        server.next(Fate.LOSE);
        try (Agent agent = byKey(bootstrap)) {
            step(agent);
        }

        try (Agent agent = byKey(bootstrap)) {
            step(agent);
        }

        assertThat(server.calls).containsExactly(REGISTER, BEAT, BEAT);
        assertThat(text("worker.json")).contains("\"joined\":true", "\"workerId\":\"by-hand\"");
    }

    @Test
    void aCallThatNeverArrivedIsMadeAgainWithTheSameKey() {
        KeyString bootstrap = KeyString.generate(KeyString.Kind.WORKER);
        server.bootstrapHash = bootstrap.hash();
        server.next(Fate.DROP);
        try (Agent agent = byKey(bootstrap)) {
            step(agent);
        }
        String key = text("worker.key");

        try (Agent agent = byKey(bootstrap)) {
            step(agent);
        }

        assertThat(server.calls).containsExactly(REGISTER, BEAT, REGISTER, BEAT);
        assertThat(text("worker.key")).isEqualTo(key);
    }

    @Test
    void aKillBetweenTheTwoFilesLeavesWhatIsThereInForce() throws Exception {
        try (Agent agent = enrolling()) {
            assertThat(agent).isNotNull();
        }
        String identity = text("identity.pem");
        Files.delete(jobs().resolve("worker.key"));

        try (Agent agent = enrolling()) {
            step(agent);
        }

        assertThat(text("identity.pem")).isEqualTo(identity);
        assertThat(server.workers).hasSize(1);
    }

    @Test
    void theIdentityBeatsIdKeyAndSecret() {
        try (Agent agent = enrolling()) {
            step(agent);
        }
        server.calls.clear();

        try (Agent agent = byKey(KeyString.generate(KeyString.Kind.WORKER))) {
            step(agent);
        }

        assertThat(server.calls).containsExactly(BEAT);
    }

    @Test
    void aClockTenMinutesOffJoinsWithTheServersTime() {
        clock.advance(Duration.ofMinutes(-10));

        try (Agent agent = enrolling()) {
            step(agent);
        }

        assertThat(server.calls).containsExactly(ENROLL, ENROLL, BEAT);
        assertThat(ServerClock.inWords(Duration.ofMinutes(10))).isEqualTo("10 minutes (behind the server)");
    }

    @Test
    void aClockWithoutAWayOutIsTriedWithPatience() {
        No expired = new No(Code.PROOF_EXPIRED, Map.of("serverTime", "soon"), 0);
        server.next(expired, expired);

        try (Agent agent = enrolling()) {
            step(agent);
            assertThat(server.calls).containsExactly(ENROLL);
            step(agent);
            step(agent);
        }
        assertThat(server.workers).hasSize(1);
    }

    @Test
    void aNewSecretIsTakenUpWithoutARestart() {
        secret.set(Optional.of(new Secret("w".repeat(40))));
        try (Agent agent = enrolling()) {
            step(agent);
            assertThat(server.workers).isEmpty();
            secret.set(Optional.of(new Secret(FakeServer.SECRET)));
            step(agent);
        }
        assertThat(server.workers).hasSize(1);
    }

    @Test
    void aTakenNameChangesNothingAndAnotherNameJoinsWithTheSameIdentity() {
        server.workers.put("web-1", new FakeServer.Known("web-1", "another", "another"));
        String identity;
        try (Agent agent = enrolling()) {
            step(agent);
            step(agent);
            identity = text("identity.pem");
        }
        assertThat(server.calls).containsExactly(ENROLL, ENROLL);

        try (Agent agent = open(Optional.empty(), "web-2")) {
            step(agent);
        }

        assertThat(server.workers.keySet()).containsExactlyInAnyOrder("web-1", "web-2");
        assertThat(text("identity.pem")).isEqualTo(identity);
    }

    @Test
    void withoutAnyWayToJoinTheStartSaysWhatToGive() {
        secret.set(Optional.empty());

        assertThatThrownBy(this::enrolling)
                .isInstanceOf(BadSetting.class)
                .hasMessageContaining("--auto-enrollment-key");
        assertThat(jobs().resolve("identity.pem")).doesNotExist();
    }

    /** Until the next attempt. */
    private void step(Agent agent) {
        int before = server.calls.size();
        do {
            ticks.addAndGet(agent.step().toNanos());
        } while (server.calls.size() == before);
    }

    private Agent enrolling() {
        return open(Optional.empty(), "Web-1");
    }

    private Agent byKey(KeyString bootstrap) {
        return open(Optional.of(new Secret(bootstrap.reveal())), "web-1");
    }

    private Agent open(Optional<Secret> key, String name) {
        AgentConfig config = new AgentConfig(
                new Endpoint(URI.create(socket.url("http")), Trust.ofJvm()),
                key.map(any -> "by-hand"),
                key,
                name,
                secret::get,
                jobs(),
                AgentConfig.DEFAULT_METRICS_INTERVAL,
                Map.of("zone", "a"),
                List.of(),
                List.of());
        return Agent.open(config, clock, ticks::get);
    }

    private Path jobs() {
        return temporary.resolve("jobs");
    }

    private String text(String name) {
        try {
            return Files.readString(jobs().resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

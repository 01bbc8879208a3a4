package io.lyftdata.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.agent.FakeServer.Fate;
import io.lyftdata.agent.FakeServer.No;
import io.lyftdata.api.AuditHead;
import io.lyftdata.api.Code;
import io.lyftdata.client.Endpoint;
import io.lyftdata.client.LoopbackServer;
import io.lyftdata.client.Trust;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.crypto.Issuer;
import io.lyftdata.testing.MovableClock;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class AgentTest {
    private static final Instant NOW = Instant.now();
    private static final Duration LIFE = Duration.ofDays(30);
    private static final CertifiedKey CA = Issuer.authority("old", NOW, LIFE);
    private static final CertifiedKey NEXT_CA = Issuer.authority("next", NOW, LIFE);
    private static final String BEAT = "POST /api/worker/heartbeat";
    private static final String METRICS = "PUT /api/worker/metrics";
    private static final String LOGS = "POST /api/worker/logs";

    private final MovableClock clock = new MovableClock();
    private final AtomicLong ticks = new AtomicLong();
    private long lastTick;
    private List<Path> logFiles = List.of();
    private List<URI> scrapes = List.of();
    private final FakeServer server = new FakeServer(clock);

    @TempDir
    Path temporary;

    @Test
    void noRefusalMakesItForgetWhoItIs() throws Exception {
        try (LoopbackServer socket = LoopbackServer.plain(server)) {
            try (Agent agent = open(socket.url("http"), Trust.ofJvm())) {
                step(agent);
                String before = text("identity.pem") + text("worker.json");
                for (Code code : Code.values()) {
                    server.next(new No(code));
                    step(agent);
                }
                server.workers.clear();
                for (int i = 0; i < 20; i++) {
                    assertThat(gap(agent))
                            .isLessThanOrEqualTo(Duration.ofMinutes(5).plusMillis(1));
                }
                assertThat(text("identity.pem") + text("worker.json")).isEqualTo(before);
            }
            assertThat(new HashSet<>(server.calls))
                    .containsExactlyInAnyOrder("POST /api/enroll", BEAT, "POST /api/worker/recover");
            assertThat(new HashSet<>(server.instances)).hasSize(1);
        }
    }

    @Test
    @Timeout(30)
    void itTellsOnceWheneverItsStandingWithTheServerChanges() throws Exception {
        try (LoopbackServer socket = LoopbackServer.plain(server);
                Agent agent = open(socket.url("http"), Trust.ofJvm(), System::nanoTime)) {
            server.nextMillis = 1;
            server.next(new No(Code.WORKER_ISOLATED), Fate.ANSWER, Fate.ANSWER, Fate.ANSWER, Fate.DROP);
            BlockingQueue<String> told = new LinkedBlockingQueue<>();
            agent.start(told::add);
            assertThat(told.take()).contains("worker_isolated");
            assertThat(told.take()).isEqualTo("the server hears this worker");
            assertThat(told.take()).contains(socket.url("http"));
            assertThat(told.take()).isEqualTo("the server hears this worker");
        }
    }

    @Test
    void theServersPatienceIsKept() throws Exception {
        try (LoopbackServer socket = LoopbackServer.plain(server);
                Agent agent = open(socket.url("http"), Trust.ofJvm())) {
            server.nextMillis = 17_000;
            step(agent);
            server.next(new No(Code.UNAVAILABLE, Map.of(), 90));
            assertThat(gap(agent)).isEqualTo(Duration.ofSeconds(17));
            server.nextMillis = 0;
            assertThat(gap(agent)).isBetween(Duration.ofSeconds(90), Duration.ofSeconds(92));
            server.nextMillis = Long.MAX_VALUE;
            assertThat(gap(agent)).isPositive();
            assertThat(gap(agent)).isEqualTo(Duration.ofMinutes(10));
        }
    }

    @Test
    void aFleetThatLostItsServerIsBackWithinAMinute() throws Exception {
        try (LoopbackServer socket = LoopbackServer.plain(server);
                Agent agent = open(socket.url("http"), Trust.ofJvm())) {
            step(agent);
            server.next(Fate.DROP);
            step(agent);
            for (int i = 0; i < 10; i++) {
                server.next(Fate.DROP);
                assertThat(gap(agent)).isBetween(Duration.ofMillis(1), Duration.ofSeconds(30));
            }
            step(agent);
            assertThat(gap(agent)).isEqualTo(Duration.ofSeconds(15));
        }
    }

    @Test
    void metricsGoOnTheirOwnIntervalAndNotToAServerThatIsAway() throws Exception {
        try (LoopbackServer socket = LoopbackServer.plain(server);
                Agent agent = open(socket.url("http"), Trust.ofJvm())) {
            for (int i = 0; i < 8; i++) {
                step(agent);
            }
            assertThat(server.bodies.get(METRICS)).contains("jvm_memory_used_bytes{");
            long reports = server.reports.stream().filter(METRICS::equals).count();
            assertThat(reports).isBetween(2L, 3L);

            server.next(Fate.DROP, Fate.DROP, Fate.DROP, Fate.DROP, Fate.DROP, Fate.DROP, Fate.DROP);
            server.reports.clear();
            for (int i = 0; i < 7; i++) {
                step(agent);
            }
            assertThat(server.reports).doesNotContain(METRICS);
        }
    }

    @Test
    void anOddEndpointDoesNotCostTheWorkerItsOwnMetrics() throws Exception {
        scrapes = List.of(URI.create("http://127.0.0.1:1/metrics"));
        try (LoopbackServer socket = LoopbackServer.plain(server);
                Agent agent = open(socket.url("http"), Trust.ofJvm())) {
            server.nextReport(new No(Code.UNPROCESSABLE));
            step(agent);
            assertThat(server.bodies.get(METRICS))
                    .contains("jvm_memory_used_bytes{")
                    .doesNotContain("scrape_up");
        }
    }

    @Test
    void linesWrittenWhileTheServerWasAwayArriveOnceEach() throws Exception {
        Path log = temporary.resolve("app.log");
        logFiles = List.of(log);
        try (LoopbackServer socket = LoopbackServer.plain(server);
                Agent agent = open(socket.url("http"), Trust.ofJvm())) {
            Files.writeString(log, "first\n");
            step(agent);
            server.next(Fate.DROP, Fate.DROP);
            step(agent);
            Files.writeString(log, "first\nsecond\n");
            step(agent);
            server.nextReport(new No(Code.UNAVAILABLE));
            step(agent);
            step(agent);
            step(agent);
        }
        assertThat(server.bodies.get(LOGS)).containsOnlyOnce("\"first\"").containsOnlyOnce("\"second\"");
    }

    @Test
    void aBatchThatTheServerNeverTakesDoesNotHoldUpTheNext() throws Exception {
        Path log = temporary.resolve("app.log");
        logFiles = List.of(log);
        try (LoopbackServer socket = LoopbackServer.plain(server);
                Agent agent = open(socket.url("http"), Trust.ofJvm())) {
            Files.writeString(log, "poison\n");
            server.nextReport(Fate.ANSWER, new No(Code.UNPROCESSABLE));
            step(agent);
            Files.writeString(log, "poison\nfood\n");
            step(agent);
            step(agent);
        }
        assertThat(server.bodies.get(LOGS)).doesNotContain("\"poison\"").contains("\"food\"");
    }

    @Test
    void theServersBundleIsKeptAndBeatsAPinThatWasRetired() throws Exception {
        server.bundle = CA.certificatePem() + NEXT_CA.certificatePem();
        Trust pinned = Trust.ofPins(CertifiedKey.pin(CA.certificate()));
        try (LoopbackServer socket = tls(CA);
                Agent agent = open(socket.url("https"), pinned)) {
            step(agent);
            step(agent);
            assertThat(server.calls).containsOnlyOnce("GET /api/ca");
        }
        server.bundle = NEXT_CA.certificatePem();
        server.caRevision = "2";
        try (LoopbackServer socket = tls(NEXT_CA);
                Agent agent = open(socket.url("https"), pinned)) {
            step(agent);
            assertThat(text("ca.pem")).isEqualTo(NEXT_CA.certificatePem());
        }
        server.calls.clear();
        try (LoopbackServer socket = tls(CA);
                Agent agent = open(socket.url("https"), pinned)) {
            agent.step();
            assertThat(server.calls).isEmpty();
        }
    }

    @Test
    void aWorkerThatSleptThroughTheChangeComesBackByTheNewPin() throws Exception {
        server.bundle = CA.certificatePem();
        try (LoopbackServer socket = tls(CA);
                Agent agent = open(socket.url("https"), Trust.ofPins(CertifiedKey.pin(CA.certificate())))) {
            step(agent);
        }
        server.bundle = NEXT_CA.certificatePem();
        server.caRevision = "2";
        try (LoopbackServer socket = tls(NEXT_CA);
                Agent agent = open(socket.url("https"), Trust.ofPins(CertifiedKey.pin(NEXT_CA.certificate())))) {
            step(agent);
        }
        assertThat(text("ca.pem")).isEqualTo(NEXT_CA.certificatePem());
    }

    @Test
    void aBundleThatDoesNotVouchForTheServerIsNotKept() throws Exception {
        server.bundle = NEXT_CA.certificatePem();
        try (LoopbackServer socket = tls(CA);
                Agent agent = open(socket.url("https"), Trust.ofPins(CertifiedKey.pin(CA.certificate())))) {
            step(agent);
            step(agent);
            assertThat(temporary.resolve("jobs/ca.pem")).doesNotExist();
            assertThat(server.calls).containsOnlyOnce("GET /api/ca").endsWith(BEAT);
        }
    }

    @Test
    void whatAnUnprovedServerHandsOutIsNeverKept() throws Exception {
        server.bundle = CA.certificatePem();
        try (LoopbackServer socket = tls(CA)) {
            try (Agent agent = open(socket.url("https"), Trust.ofEveryone())) {
                step(agent);
            }
            assertThat(temporary.resolve("jobs/ca.pem")).doesNotExist();
            try (Agent agent = open(socket.url("https"), Trust.ofPins(CertifiedKey.pin(CA.certificate())))) {
                step(agent);
            }
        }
        server.bundle = NEXT_CA.certificatePem();
        server.caRevision = "2";
        try (LoopbackServer socket = tls(NEXT_CA);
                Agent agent = open(socket.url("https"), Trust.ofEveryone())) {
            step(agent);
        }
        assertThat(server.calls).endsWith(BEAT);
        assertThat(text("ca.pem")).isEqualTo(CA.certificatePem());
    }

    @Test
    void theNewestHeadOfTheAuditLogIsKeptAndSentBack() throws Exception {
        AuditHead first = new AuditHead("i", "s1", 5, "aa", "c2ln");
        AuditHead older = new AuditHead("i", "s1", 4, "bb", "c2ln");
        AuditHead next = new AuditHead("i", "s2", 2, "cc", "c2ln");
        server.auditHead = first;
        try (LoopbackServer socket = LoopbackServer.plain(server);
                Agent agent = open(socket.url("http"), Trust.ofJvm())) {
            step(agent);
            for (AuditHead odd : Arrays.asList(older, null, AuditHead.of("odd"))) {
                server.auditHead = odd;
                step(agent);
                assertThat(server.witnessed).isEqualTo(first);
            }
        }
        try (LoopbackServer socket = LoopbackServer.plain(server);
                Agent agent = open(socket.url("http"), Trust.ofJvm())) {
            server.auditHead = next;
            step(agent);
            assertThat(server.witnessed).isEqualTo(first);
            step(agent);
            assertThat(server.witnessed).isEqualTo(next);
        }
        for (String damaged : List.of("{\"installation\":", "null", "[]", "")) {
            Files.writeString(temporary.resolve("jobs/audit-head.json"), damaged);
            try (LoopbackServer socket = LoopbackServer.plain(server);
                    Agent agent = open(socket.url("http"), Trust.ofJvm())) {
                step(agent);
                assertThat(server.witnessed).isNull();
            }
        }
    }

    @Test
    void twoProcessesNeverShareAJobsDirectory() throws Exception {
        try (Agent agent = open("http://127.0.0.1:1", Trust.ofJvm())) {
            assertThat(agent).isNotNull();
            assertThatThrownBy(() -> open("http://127.0.0.1:1", Trust.ofJvm()))
                    .isInstanceOf(BadSetting.class)
                    .hasMessageContaining("another worker uses");
        }
        open("http://127.0.0.1:1", Trust.ofJvm()).close();
    }

    @Test
    void whatOthersCanReadIsRefusedWithTheRemedy() throws Exception {
        open("http://127.0.0.1:1", Trust.ofJvm()).close();
        for (String name : List.of("jobs", "jobs/worker.key", "jobs/identity.pem")) {
            Path path = temporary.resolve(name);
            var modes = Files.getPosixFilePermissions(path);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr--"));
            assertThatThrownBy(() -> open("http://127.0.0.1:1", Trust.ofJvm()))
                    .isInstanceOf(BadSetting.class)
                    .hasMessageContaining("chmod")
                    .hasMessageContaining(path.toString());
            Files.setPosixFilePermissions(path, modes);
        }
    }

    @Test
    void aDamagedOrHalfLostStateIsNotPaperedOver() throws Exception {
        try (LoopbackServer socket = LoopbackServer.plain(server);
                Agent agent = open(socket.url("http"), Trust.ofJvm())) {
            step(agent);
        }
        for (String name : List.of("worker.key", "worker.json", "identity.pem")) {
            Path file = temporary.resolve("jobs").resolve(name);
            String whole = Files.readString(file);
            Files.writeString(file, whole.substring(0, whole.length() / 2));
            assertThatThrownBy(() -> open("http://127.0.0.1:1", Trust.ofJvm())).hasMessageContaining("is damaged");
            Files.writeString(file, whole);
        }
        Files.delete(temporary.resolve("jobs/identity.pem"));
        assertThatThrownBy(() -> open("http://127.0.0.1:1", Trust.ofJvm())).hasMessageContaining("lost identity.pem");
    }

    @Test
    @Timeout(120)
    void closesWhileTheServerHangs() throws Exception {
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        try (LoopbackServer socket = LoopbackServer.plain(exchange -> {
            called.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        })) {
            Agent agent = open(socket.url("http"), Trust.ofJvm());
            agent.start();
            assertThat(called.await(60, TimeUnit.SECONDS)).isTrue();
            agent.close();
            agent.awaitEnd();
            agent.close();
            open(socket.url("http"), Trust.ofJvm()).close();
            release.countDown();
        }
    }

    private LoopbackServer tls(CertifiedKey authority) throws Exception {
        CertifiedKey leaf = Issuer.server(authority, List.of("127.0.0.1"), NOW, LIFE);
        return LoopbackServer.tls(server, leaf, authority.certificate());
    }

    /** Until the next attempt. */
    private void step(Agent agent) {
        int before = server.calls.size();
        do {
            lastTick = ticks.get();
            ticks.addAndGet(agent.step().toNanos());
        } while (server.calls.size() == before);
    }

    /** How long from the attempt before to the next one. */
    private Duration gap(Agent agent) {
        long before = lastTick;
        step(agent);
        return Duration.ofNanos(lastTick - before);
    }

    private Agent open(String url, Trust trust) {
        return open(url, trust, ticks::get);
    }

    private Agent open(String url, Trust trust, LongSupplier nanoseconds) {
        AgentConfig config = new AgentConfig(
                new Endpoint(URI.create(url), trust),
                Optional.empty(),
                Optional.empty(),
                "web-1",
                () -> Optional.of(new Secret(FakeServer.SECRET)),
                temporary.resolve("jobs"),
                AgentConfig.DEFAULT_METRICS_INTERVAL,
                Map.of(),
                logFiles,
                scrapes);
        return Agent.open(config, clock, nanoseconds);
    }

    private String text(String name) throws Exception {
        return Files.readString(temporary.resolve("jobs").resolve(name));
    }
}

package io.lyftdata.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.api.Workers.Revoke;
import io.lyftdata.api.Workers.Revoked;
import io.lyftdata.client.Endpoint;
import io.lyftdata.client.Trust;
import io.lyftdata.config.Secret;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All keys of a fleet can be revoked at once: real workers, whose time is simulated, against a real server. */
class FleetRecoveryTest {
    private static final int WORKERS = 40;
    private static final long INTERVAL = Duration.ofSeconds(15).toNanos();
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    @TempDir
    Path directory;

    private final AtomicLong ticks = new AtomicLong();
    private final List<Host> fleet = new ArrayList<>();
    private final PriorityQueue<Host> due = new PriorityQueue<>(Comparator.comparingLong(host -> host.dueTick));
    private TestServer server;

    /** One of them, and when it wants to be called. */
    private static final class Host {
        private final Agent agent;
        private final Path keyFile;
        private long dueTick;

        private Host(Agent agent, Path keyFile, long dueTick) {
            this.agent = agent;
            this.keyFile = keyFile;
            this.dueTick = dueTick;
        }

        private String key() throws IOException {
            return Files.readString(keyFile);
        }
    }

    @AfterEach
    void close() throws IOException {
        fleet.forEach(host -> host.agent.close());
        server.close();
    }

    @Test
    void afterARevocationOfAllTheHonestAreBackWithinTwoHeartbeatsAndNotAtOnce() throws IOException {
        server = TestServer.start(directory.resolve("staging"), Map.of("disable-tls", "true"));
        String secret = TestWorker.secret(server);
        for (int i = 0; i < WORKERS; i++) {
            Path jobs = directory.resolve("jobs" + i);
            fleet.add(new Host(open(i, jobs, secret), jobs.resolve("worker.key"), i * INTERVAL / WORKERS));
        }
        due.addAll(fleet);
        long revocation = 3 * INTERVAL;
        runUntil(revocation);
        assertThat(server.admin()
                        .post("/api/keys/revoke", new Revoke(true), Revoked.class)
                        .keys())
                .isEqualTo(WORKERS);
        List<Long> back = runUntil(revocation + 2 * INTERVAL);
        assertThat(back).hasSize(WORKERS);
        Map<Long, Integer> bySecond = new TreeMap<>();
        back.forEach(tick -> bySecond.merge((tick - revocation) / SECOND, 1, Integer::sum));
        assertThat(bySecond.values()).as("in each second: %s", bySecond).allMatch(many -> many <= WORKERS / 4);
    }

    /** When each worker that changed its key did so. */
    private List<Long> runUntil(long end) throws IOException {
        List<Long> renewed = new ArrayList<>();
        while (due.peek().dueTick < end) {
            Host host = due.poll();
            ticks.set(host.dueTick);
            String before = host.key();
            host.dueTick += Math.max(1, host.agent.step().toNanos());
            if (!host.key().equals(before)) {
                renewed.add(ticks.get());
            }
            due.add(host);
        }
        return renewed;
    }

    private Agent open(int worker, Path jobs, String secret) {
        AgentConfig config = new AgentConfig(
                new Endpoint(server.url(), Trust.ofJvm()),
                Optional.empty(),
                Optional.empty(),
                "w" + worker,
                () -> Optional.of(new Secret(secret)),
                jobs,
                Duration.ofHours(1),
                Map.of(),
                List.of(),
                List.of());
        return Agent.open(config, Clock.systemUTC(), ticks::get);
    }
}

package io.lyftdata.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.agent.KillingRelay.Moment;
import io.lyftdata.api.Heartbeat;
import io.lyftdata.api.Workers.Revoke;
import io.lyftdata.api.Workers.Revoked;
import io.lyftdata.api.rotation.Rotation;
import io.lyftdata.client.Endpoint;
import io.lyftdata.client.Trust;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that is killed at a step of rotation or recovery, again and again, strands none of its workers. */
class KilledServerTest {
    /** All are 20; they take some minutes: -Dlyftdata.keyKills=20. */
    private static final int KILLS = Integer.getInteger("lyftdata.keyKills", 2);

    private static final int WORKERS = 3;
    private static final String BEAT = "POST /api/worker/heartbeat";
    private static final String PUT = "PUT /api/worker/key";
    private static final String RECOVER = "POST /api/worker/recover";

    /** @param isRevoked whether all keys are revoked, or ordered to rotate */
    private record Kill(boolean isRevoked, String call, Moment moment) {}

    @TempDir
    Path directory;

    private final AtomicLong ticks = new AtomicLong();
    private final List<Agent> agents = new ArrayList<>();
    private TestServer server;

    @Test
    void everyWorkerIsOnlineAfterEveryKill() throws Exception {
        server = spawn();
        try (KillingRelay relay = new KillingRelay()) {
            relay.lead(server.url());
            String secret = TestWorker.secret(server);
            for (int i = 0; i < WORKERS; i++) {
                agents.add(open(i, relay.url(), secret));
            }
            hold();
            for (Kill kill : kills().subList(0, KILLS)) {
                cause(kill.isRevoked());
                TestServer victim = server;
                relay.set(kill.call(), kill.moment(), () -> close(victim));
                stepAll(4);
                assertThat(relay.isSprung()).as("%s", kill).isTrue();
                server = spawn();
                relay.lead(server.url());
                hold();
            }
        } finally {
            agents.forEach(Agent::close);
            server.close();
        }
    }

    private static List<Kill> kills() {
        List<Kill> kills = new ArrayList<>();
        for (Moment moment : Moment.values()) {
            for (String call : List.of(BEAT, PUT)) {
                kills.add(new Kill(false, call, moment));
            }
            for (String call : List.of(BEAT, RECOVER)) {
                kills.add(new Kill(true, call, moment));
            }
        }
        while (kills.size() < 20) {
            kills.add(kills.get(kills.size() % 12));
        }
        Collections.shuffle(kills, new Random(20261127));
        return kills;
    }

    private TestServer spawn() throws IOException {
        return TestServer.spawn(
                directory.resolve("staging"), directory.resolve("console"), Map.of("disable-tls", "true"));
    }

    private static void close(TestServer victim) {
        try {
            victim.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void cause(boolean isRevoked) {
        if (isRevoked) {
            server.admin().post("/api/keys/revoke", new Revoke(true), Revoked.class);
        } else {
            server.admin().post(Rotation.PATH, new Rotation.Wish(null, null, true, null, "0"), Rotation.Progress.class);
        }
    }

    private void stepAll(int times) {
        for (int i = 0; i < times; i++) {
            for (Agent agent : agents) {
                ticks.addAndGet(agent.step().toNanos());
            }
            ticks.addAndGet(60_000_000_000L);
        }
    }

    /** Within a few heartbeats each uses a key that the server accepts. */
    private void hold() throws IOException {
        stepAll(8);
        for (int i = 0; i < WORKERS; i++) {
            String key = Files.readString(jobs(i).resolve("worker.key")).strip();
            Heartbeat.Answer answer = server.client()
                    .authorized("Bearer", new Secret(key))
                    .with(Heartbeat.INSTANCE_HEADER, Randomness.hex(128))
                    .post(
                            Heartbeat.PATH,
                            new Heartbeat.Request("1", 1, Map.of(), "none", Instant.now(), null, null),
                            Heartbeat.Answer.class);
            assertThat(answer.keyDue()).isFalse();
        }
    }

    private Path jobs(int worker) {
        return directory.resolve("jobs" + worker);
    }

    private Agent open(int worker, String url, String secret) {
        AgentConfig config = new AgentConfig(
                new Endpoint(URI.create(url), Trust.ofJvm()),
                Optional.empty(),
                Optional.empty(),
                "w" + worker,
                () -> Optional.of(new Secret(secret)),
                jobs(worker),
                AgentConfig.DEFAULT_METRICS_INTERVAL,
                Map.of(),
                List.of(),
                List.of());
        return Agent.open(config, Clock.systemUTC(), ticks::get);
    }
}

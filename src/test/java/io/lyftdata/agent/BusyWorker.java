package io.lyftdata.agent;

import com.google.common.util.concurrent.Uninterruptibles;
import io.lyftdata.client.Endpoint;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.KeyString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A worker as it runs on a host, but that the time between its heartbeats passes in an instant. */
public final class BusyWorker implements AutoCloseable {
    private static final long PAUSE_MILLIS = 100;

    private final Agent agent;
    private final Path jobs;
    private final Thread thread;

    private BusyWorker(Agent agent, Path jobs, AtomicLong ticks) {
        this.agent = agent;
        this.jobs = jobs;
        this.thread = new Thread(
                () -> {
                    while (!Thread.currentThread().isInterrupted()) {
                        ticks.addAndGet(agent.step().toNanos());
                        pause();
                    }
                },
                "busy-worker");
    }

    public static BusyWorker start(Endpoint server, String name, String secret, Path jobs) {
        AgentConfig config = new AgentConfig(
                server,
                Optional.empty(),
                Optional.empty(),
                name,
                () -> Optional.of(new Secret(secret)),
                jobs,
                AgentConfig.DEFAULT_METRICS_INTERVAL,
                Map.of(),
                List.of(),
                List.of());
        AtomicLong ticks = new AtomicLong();
        BusyWorker worker = new BusyWorker(Agent.open(config, Clock.systemUTC(), ticks::get), jobs, ticks);
        worker.thread.start();
        return worker;
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Public id of the key that it uses, or is about to use; empty before it has one. */
    public Optional<String> keyId() throws IOException {
        Path file = jobs.resolve("worker.key");
        return Files.exists(file)
                ? KeyString.parse(Files.readString(file).strip()).map(KeyString::id)
                : Optional.empty();
    }

    @Override
    public void close() {
        thread.interrupt();
        Uninterruptibles.joinUninterruptibly(thread);
        agent.close();
    }
}

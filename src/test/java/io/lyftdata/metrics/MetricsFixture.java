package io.lyftdata.metrics;

import io.lyftdata.host.Space;
import io.lyftdata.testing.MovableClock;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Workers' metrics on a real file, with a fleet that a test writes down. */
final class MetricsFixture implements AutoCloseable {
    final MovableClock clock = new MovableClock();
    final List<WorkerStatus> fleet = new ArrayList<>();
    private final Path directory;
    private final List<WorkerMetrics> killed = new ArrayList<>();
    WorkerMetrics metrics;

    MetricsFixture(Path directory) throws Exception {
        this.directory = directory;
        open();
    }

    void open() throws Exception {
        metrics = new WorkerMetrics(directory, new MetricsConfig(Duration.ofSeconds(60)), new Space(() -> 50), clock);
        metrics.start();
    }

    void restart() throws Exception {
        metrics.stop();
        open();
    }

    /** A start on the files as they are now, without a stop. */
    void kill() throws Exception {
        killed.add(metrics);
        open();
    }

    /** Adds a worker that is online. */
    void add(String worker) {
        fleet.add(new WorkerStatus(worker, true, Optional.of(Instant.ofEpochMilli(1_700_000_000_123L)), "0.1.0"));
    }

    List<String> put(String worker, String exposition) throws IOException {
        if (fleet.stream().noneMatch(one -> one.id().equals(worker))) {
            add(worker);
        }
        return metrics.put(worker, new ByteArrayInputStream(exposition.getBytes(StandardCharsets.UTF_8)));
    }

    String exposition() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new FleetExposition(fleet, metrics::fresh).writeTo(out);
        return out.toString(StandardCharsets.UTF_8);
    }

    /** What is not of the server's own families. */
    String workersOwn() throws IOException {
        return exposition().replaceAll("(?m)^(# \\w+ )?lyftdata_worker_.*\n", "");
    }

    @Override
    public void close() throws SQLException {
        metrics.stop();
        for (WorkerMetrics one : killed) {
            one.stop();
        }
    }
}

package io.lyftdata.metrics;

import io.dropwizard.lifecycle.Managed;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.db.SqliteFile;
import io.lyftdata.logs.Space;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest metrics of each worker: in memory, and kept over a restart. What is older than three intervals is neither
 * shown nor kept. Safe for use by many threads; readers never wait.
 */
public final class WorkerMetrics implements Managed {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerMetrics.class);

    /**
     * A worker's newest snapshot.
     *
     * @param firstAt when its metrics were first seen, epoch milliseconds
     * @param at when these arrived, epoch milliseconds
     */
    record Kept(Snapshot snapshot, long firstAt, long at) {}

    private final Path file;
    private final MetricsConfig config;
    private final Space space;
    private final Clock clock;
    private final Map<String, Kept> newest = new ConcurrentHashMap<>();
    private SnapshotFile disk;

    /** @param directory of telemetry, in the staging directory */
    public WorkerMetrics(Path directory, MetricsConfig config, Space space, Clock clock) {
        this.file = directory.resolve("metrics.db");
        this.config = config;
        this.space = space;
        this.clock = clock;
    }

    @Override
    public synchronized void start() throws SQLException, IOException {
        SecretFile.createDirectory(file.getParent());
        disk = SnapshotFile.open(file, this::load);
        sweep();
    }

    @Override
    public synchronized void stop() throws SQLException {
        disk.close();
    }

    private void load(String worker, long firstAt, long at, byte[] exposition) {
        try {
            newest.put(worker, new Kept(ExpositionParser.parse(worker, inflate(exposition)), firstAt, at));
        } catch (Refusal | IOException e) {
            LOG.warn("the metrics kept of worker {} cannot be read any more; its next ones replace them", worker);
        }
    }

    /**
     * Replaces the worker's metrics; on return they are shown and kept.
     *
     * @param exposition in Prometheus' text format 0.0.4
     * @throws Refusal when they are not valid, too many, or there is no room for them; the old ones stay
     */
    public void put(String worker, InputStream exposition) throws IOException {
        space.require();
        byte[] bytes = exposition.readNBytes(ExpositionParser.MAX_BYTES + 1);
        if (bytes.length > ExpositionParser.MAX_BYTES) {
            throw new Refusal(
                    Code.BODY_TOO_LARGE,
                    "a worker's metrics are at most " + ExpositionParser.MAX_BYTES + " bytes: forward less");
        }
        Snapshot snapshot = ExpositionParser.parse(worker, bytes);
        keep(worker, snapshot, deflate(bytes));
    }

    private synchronized void keep(String worker, Snapshot snapshot, byte[] deflated) {
        long now = clock.millis();
        try {
            disk.put(worker, now, deflated);
        } catch (SQLException e) {
            throw SqliteFile.isFull(e) ? space.exhausted() : failed(e);
        }
        newest.compute(worker, (id, old) -> new Kept(snapshot, old == null ? now : old.firstAt(), now));
    }

    /** Drops what is kept of the worker. */
    public synchronized void forget(String worker) {
        newest.remove(worker);
        try {
            disk.delete(worker);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Drops what is stale. */
    public synchronized void sweep() {
        newest.forEach((worker, kept) -> {
            if (!isFresh(kept)) {
                forget(worker);
            }
        });
    }

    /** What counts of the worker's metrics now. */
    Optional<Kept> fresh(String worker) {
        return Optional.ofNullable(newest.get(worker)).filter(this::isFresh);
    }

    private boolean isFresh(Kept kept) {
        return clock.millis() - kept.at() <= config.freshness().toMillis();
    }

    private static IllegalStateException failed(SQLException cause) {
        return new IllegalStateException("the file of the workers' metrics cannot be written", cause);
    }

    private static byte[] deflate(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length / 4 + 64);
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] inflate(byte[] bytes) throws IOException {
        try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            return gzip.readAllBytes();
        }
    }
}

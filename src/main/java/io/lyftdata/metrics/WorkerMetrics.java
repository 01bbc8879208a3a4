package io.lyftdata.metrics;

import io.dropwizard.lifecycle.Managed;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.host.Space;
import io.lyftdata.metrics.SnapshotFile.Row;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest metrics of each worker: in memory, and written behind for the next start, so that no push waits for the
 * disk: what came since the last sweep is lost with the process, and comes anew with the next interval. What is older
 * than three intervals is neither shown nor kept. Safe for use by many threads; readers never wait.
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
    /** By worker, what the disk does not have yet; none for a worker that is to go from it. */
    private final Map<String, Optional<Row>> unsaved = new ConcurrentHashMap<>();

    private final LongAdder pushes = new LongAdder();
    private SnapshotFile disk;
    private boolean canSave = true;
    /** Whether a worker came, went, or has other families than at the last sweep. */
    private volatile boolean hasChanged = true;

    private volatile Election election = Election.NONE;

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
        save();
        disk.close();
    }

    private void load(String worker, Row row) {
        try {
            Snapshot snapshot = ExpositionParser.parse(worker, inflate(row.exposition()));
            newest.put(worker, new Kept(snapshot, row.firstAt(), row.at()));
        } catch (Refusal | IOException e) {
            LOG.warn("the metrics kept of worker {} cannot be read any more; its next ones replace them", worker);
        }
    }

    /**
     * Replaces the worker's metrics; on return they are shown, and the next sweep saves them.
     *
     * @param exposition in Prometheus' text format 0.0.4
     * @return the names of its families that are not shown, since more workers give them another type
     * @throws Refusal when they are not valid, too many, or there is no room for them; the old ones stay
     */
    public List<String> put(String worker, InputStream exposition) throws IOException {
        space.require();
        byte[] bytes = exposition.readNBytes(ExpositionParser.MAX_BYTES + 1);
        if (bytes.length > ExpositionParser.MAX_BYTES) {
            throw new Refusal(
                    Code.BODY_TOO_LARGE,
                    "a worker's metrics are at most " + ExpositionParser.MAX_BYTES + " bytes: forward less");
        }
        Snapshot snapshot = ExpositionParser.parse(worker, bytes);
        keep(worker, snapshot, deflate(bytes));
        pushes.increment();
        return election.leftOut(snapshot);
    }

    private void keep(String worker, Snapshot snapshot, byte[] deflated) {
        long now = clock.millis();
        newest.compute(worker, (id, old) -> {
            Kept kept = new Kept(snapshot, old == null ? now : old.firstAt(), now);
            unsaved.put(id, Optional.of(new Row(kept.firstAt(), now, deflated)));
            hasChanged |= old == null || !snapshot.hasFamiliesOf(old.snapshot());
            return kept;
        });
    }

    /** Drops what is stale, saves what is new, and finds out which families the fleet's exposition shows. */
    public synchronized void sweep() {
        newest.keySet().forEach(this::dropIfStale);
        save();
        if (hasChanged) {
            hasChanged = false;
            election = new Election(newest.values().stream()
                    .sorted(Comparator.comparingLong(Kept::firstAt))
                    .map(Kept::snapshot)
                    .toList());
        }
    }

    private void dropIfStale(String worker) {
        newest.computeIfPresent(worker, (id, kept) -> {
            if (isFresh(kept)) {
                return kept;
            }
            unsaved.put(id, Optional.empty());
            hasChanged = true;
            return null;
        });
    }

    /** What cannot be saved is shown all the same, and tried again with the next sweep. */
    private void save() {
        Map<String, Optional<Row>> rows = Map.copyOf(unsaved);
        try {
            disk.save(rows);
            rows.forEach(unsaved::remove);
            canSave = true;
        } catch (SQLException e) {
            if (canSave) {
                LOG.warn("{} cannot be written: a restart would lose the workers' newest metrics", file, e);
            }
            canSave = false;
        }
    }

    /** How many workers have metrics that are kept. */
    public int workers() {
        return newest.size();
    }

    /** How many series those are. */
    public long series() {
        return newest.values().stream()
                .mapToLong(kept -> kept.snapshot().series())
                .sum();
    }

    /** How many families of workers are not shown, as of the last sweep. */
    public long conflicts() {
        Election last = election;
        return newest.values().stream()
                .mapToLong(kept -> last.leftOut(kept.snapshot()).size())
                .sum();
    }

    /** How often metrics were taken since the start. */
    public long pushes() {
        return pushes.sum();
    }

    /** What counts of the worker's metrics now. */
    Optional<Kept> fresh(String worker) {
        return Optional.ofNullable(newest.get(worker)).filter(this::isFresh);
    }

    private boolean isFresh(Kept kept) {
        return clock.millis() - kept.at() <= config.freshness().toMillis();
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

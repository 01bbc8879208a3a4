package io.lyftdata.logs;

import io.dropwizard.lifecycle.Managed;
import io.lyftdata.api.Code;
import io.lyftdata.api.LogLine;
import io.lyftdata.api.Refusal;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.host.Space;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers' logs. A batch that {@link #append} took is on disk, whole and once; a reader that goes on from a cursor
 * misses and repeats nothing. Safe for use by many threads; readers and writers do not wait for each other.
 */
public final class LogStore implements Managed {
    private static final Logger LOG = LoggerFactory.getLogger(LogStore.class);
    private static final Pattern BATCH = Pattern.compile("[0-9a-f]{32}");
    /** Batches that wait for the disk, each with a thread: far fewer than there are, so that a slow disk stops no more. */
    private static final int MOST_WAITING = 256;

    private static final Duration RETRY = Duration.ofSeconds(1);

    private final Path directory;
    private final DayFiles files;
    private final LogWriter writer;
    private final Space space;
    private final Clock clock;
    /** Marks this store's cursors. */
    private final long id;

    private boolean canCheckpoint = true;

    /**
     * @param telemetry the directory of telemetry, in the staging directory
     * @param installation the server's id, which its cursors carry
     */
    public LogStore(Path telemetry, String installation, Space space, Clock clock) {
        this.directory = telemetry.resolve("logs");
        this.files = new DayFiles(directory);
        this.writer = new LogWriter(files, space, clock);
        this.space = space;
        this.clock = clock;
        byte[] digest = Digests.sha256(("lyftdata logs " + installation).getBytes(StandardCharsets.UTF_8));
        this.id = ByteBuffer.wrap(digest).getLong();
    }

    @Override
    public void start() throws IOException, SQLException {
        SecretFile.createDirectory(directory);
        writer.start();
    }

    @Override
    public void stop() throws SQLException {
        writer.stop();
    }

    /**
     * Stores a worker's batch; the same batch again changes nothing, also on the day after.
     *
     * @param batch the worker's name for it, see {@link LogLine#BATCH_HEADER}
     * @param lines NDJSON of {@link LogLine}
     * @throws Refusal when it is no batch, too long (send less at once), there is no room, or too many wait for the
     *     disk; nothing is stored then
     */
    public void append(String worker, String batch, InputStream lines) throws IOException {
        space.require();
        if (batch == null || !BATCH.matcher(batch).matches()) {
            throw new Refusal(
                    Code.UNPROCESSABLE, "the header " + LogLine.BATCH_HEADER + " must have 32 lower-case hex digits");
        }
        byte[] bytes = lines.readNBytes(BatchParser.MAX_BYTES + 1);
        if (bytes.length > BatchParser.MAX_BYTES) {
            throw new Refusal(
                    Code.BODY_TOO_LARGE, "a batch has at most " + BatchParser.MAX_BYTES + " bytes: send less at once");
        }
        if (writer.waiting() >= MOST_WAITING) {
            throw new Refusal(Code.UNAVAILABLE, "the disk does not keep up with the logs: send this batch again")
                    .retryAfter(RETRY);
        }
        writer.store(worker, HexFormat.of().parseHex(batch), BatchParser.parse(bytes, clock.instant()));
    }

    /**
     * The lines that the parameters ask for, as they stand now.
     *
     * @param parameters {@code since}, {@code until}, {@code level}, {@code limit}, {@code cursor}
     * @param worker of all workers when empty
     * @throws Refusal when a parameter cannot be used
     */
    public StreamingOutput read(MultivaluedMap<String, String> parameters, Optional<String> worker) {
        LogQuery query = LogQuery.of(parameters, worker, id, clock.instant());
        return new LogReader(files, id, query, writer.committed())::writeTo;
    }

    /** The days that have outlived their retention, oldest first; never the newest. */
    NavigableSet<LocalDate> olderThan(int days) {
        LocalDate oldest = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).minusDays(days);
        return droppable().headSet(oldest, false);
    }

    /** The days that can go, which the newest cannot. */
    NavigableSet<LocalDate> droppable() {
        NavigableSet<LocalDate> days = files.days();
        return days.isEmpty() ? days : days.headSet(days.last(), false);
    }

    /** Lines, batches and commits since the start. */
    public Map<String, Long> written() {
        LogWriter.Written written = writer.written();
        return Map.of("lines", written.lines(), "batches", written.batches(), "commits", written.commits());
    }

    /** How many batches wait for the disk now. */
    public int waiting() {
        return writer.waiting();
    }

    /** What the logs take on disk. */
    public long bytes() {
        return files.bytes();
    }

    /** When the oldest day that is stored began; empty when there is none. */
    public Optional<Instant> oldest() {
        return files.days().stream()
                .findFirst()
                .map(day -> day.atStartOfDay(ZoneOffset.UTC).toInstant());
    }

    /** Keeps SQLite's log of the newest day's file short. For one thread at a time. */
    void checkpoint() {
        try {
            writer.checkpoint();
            canCheckpoint = true;
        } catch (SQLException e) {
            if (canCheckpoint) {
                LOG.warn("the newest file of logs cannot be brought up to date; each sweep tries again", e);
            }
            canCheckpoint = false;
        }
    }

    /** Deletes a day's lines; never the newest day's. */
    void drop(LocalDate day, String reason) {
        try {
            if (writer.drop(day)) {
                LOG.info("the logs of {} are deleted: {}", day, reason);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("a file of logs cannot be closed", e);
        }
    }
}

package io.lyftdata.telemetry;

import com.fasterxml.jackson.core.type.TypeReference;
import io.lyftdata.api.LogLine;
import io.lyftdata.client.Json;
import io.lyftdata.telemetry.OpenFile.Position;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the lines of the followed files and of the worker's own log to the server: each line of a file exactly once,
 * whatever crashes, as long as the server takes each batch id once. {@link #poll} works without the server, until the
 * spool is full; then the files wait where they are. For use by one thread.
 */
public final class LogShipper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogShipper.class);
    private static final int MAX_LINES = 5000;
    private static final int MAX_LINE_JSON = 384 * 1024;
    private static final int BATCH_BYTES = (1 << 20) - MAX_LINE_JSON;
    private static final int BUDGET_PER_FILE = 4 << 20;
    private static final String SPOOL = "the spool";

    private final Spool spool;
    private final List<Path> paths;
    private final OwnLog ownLog;
    private final Clock clock;
    private final Map<Path, FollowedFile> files = new LinkedHashMap<>();
    private final Map<Object, String> troubles = new HashMap<>();
    private Batch batch = new Batch();
    private boolean kept;

    /** @param paths files to follow; one that has never been followed is read from its beginning */
    public LogShipper(Spool spool, List<Path> paths, OwnLog ownLog, Clock clock) {
        this.spool = spool;
        this.paths = paths.stream().map(Path::toAbsolutePath).distinct().toList();
        this.ownLog = ownLog;
        this.clock = clock;
    }

    /**
     * Reads what is new into the spool; costs one {@code stat} a file when nothing is.
     *
     * @return whether more may be waiting than one call takes
     */
    public boolean poll() {
        if (spool.isFull()) {
            warn(SPOOL, "is full: the files wait where they are until the server takes batches");
            return false;
        }
        boolean more = false;
        try {
            open();
            for (LogLine line : ownLog.drain(clock.instant())) {
                batch.own++;
                add(line);
            }
            for (Map.Entry<Path, FollowedFile> file : files.entrySet()) {
                more |= !spool.isFull() && read(file.getKey(), file.getValue());
            }
            flush();
            kept = kept || spool.keep(state());
            well(SPOOL);
        } catch (UncheckedIOException | IOException e) {
            warn(SPOOL, "cannot be written (" + reason(e) + "): trying again");
            forget();
        }
        return more;
    }

    /**
     * Sends the oldest batch. An exception of the sender comes through, and leaves the batch and its id as they are.
     *
     * @param sender takes the batch's id and gzipped NDJSON; when it returns, the server has the batch
     * @return whether another batch is waiting
     */
    public boolean ship(BiConsumer<String, byte[]> sender) {
        try {
            Optional<Spool.Batch> oldest = spool.oldest();
            if (oldest.isEmpty()) {
                return false;
            }
            sender.accept(oldest.get().id(), oldest.get().body());
            spool.removeOldest();
            return !spool.isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For a batch that the server will never take: puts it aside as {@code .bad}, so that the next ones can go. */
    public void setOldestAside() {
        try {
            if (spool.oldest().isPresent()) {
                LOG.warn("the server does not take a batch of log lines: set aside as .bad in the spool");
                spool.setOldestAside();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        forget();
    }

    private void open() throws IOException {
        if (!files.isEmpty() || paths.isEmpty()) {
            return;
        }
        Map<String, Position> saved = spool.state().isEmpty()
                ? Map.of()
                : Json.MAPPER.readValue(spool.state(), new TypeReference<Map<String, Position>>() {});
        for (Path path : paths) {
            files.put(path, new FollowedFile(path, saved.get(path.toString()), clock));
        }
        kept = false;
    }

    /** As after a crash: what is not in the spool is read again. */
    private void forget() {
        ownLog.lost(batch.own);
        batch = new Batch();
        for (FollowedFile file : files.values()) {
            try {
                file.close();
            } catch (IOException e) {
                LOG.debug("closing a followed file", e);
            }
        }
        files.clear();
    }

    private boolean read(Path path, FollowedFile file) {
        Instant now = clock.instant();
        String source = path.toString();
        try {
            boolean more = file.read(BUDGET_PER_FILE, (bytes, length, truncated) -> {
                try {
                    add(LogText.line(source, bytes, length, truncated, now));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return !spool.isFull();
            });
            well(path);
            return more;
        } catch (AccessDeniedException e) {
            warn(path, "may not be read by this account");
        } catch (IOException e) {
            warn(path, "cannot be followed (" + reason(e) + ")");
        }
        return false;
    }

    private void add(LogLine line) throws IOException {
        batch.add(line);
        if (batch.lines >= MAX_LINES || batch.bytes >= BATCH_BYTES) {
            flush();
        }
    }

    private void flush() throws IOException {
        if (batch.lines > 0) {
            spool.append(state(), batch.finish());
            batch = new Batch();
        }
    }

    private String state() throws IOException {
        Map<String, Position> positions = new LinkedHashMap<>();
        for (Map.Entry<Path, FollowedFile> file : files.entrySet()) {
            Position position = file.getValue().position();
            if (position != null) {
                positions.put(file.getKey().toString(), position);
            }
        }
        return Json.MAPPER.writeValueAsString(positions);
    }

    private void warn(Object what, String trouble) {
        if (!trouble.equals(troubles.put(what, trouble))) {
            LOG.warn("{} {}", what, trouble);
        }
    }

    private void well(Object what) {
        if (troubles.remove(what) != null) {
            LOG.info("{} is well again", what);
        }
    }

    private static String reason(Exception e) {
        return (e.getCause() == null ? e : e.getCause()).getClass().getSimpleName();
    }

    private static final class Batch {
        private final ByteArrayOutputStream bytesOut = new ByteArrayOutputStream();
        private GZIPOutputStream gzip;
        private int lines;
        private int own;
        private int bytes;

        void add(LogLine line) throws IOException {
            byte[] json = Json.MAPPER.writeValueAsBytes(line);
            for (LogLine cut = line; json.length > MAX_LINE_JSON; json = Json.MAPPER.writeValueAsBytes(cut)) {
                cut = half(cut);
            }
            if (gzip == null) {
                gzip = new GZIPOutputStream(bytesOut, 8192);
            }
            gzip.write(json);
            gzip.write('\n');
            bytes += json.length + 1;
            lines++;
        }

        /** For text that JSON writes much longer than it is, such as NULs. */
        private static LogLine half(LogLine line) {
            int middle = line.message().length() / 2;
            int end = Character.isHighSurrogate(line.message().charAt(middle - 1)) ? middle - 1 : middle;
            return new LogLine(
                    line.time(), line.level(), line.source(), line.message().substring(0, end), true, null, null);
        }

        byte[] finish() throws IOException {
            gzip.close();
            return bytesOut.toByteArray();
        }
    }
}

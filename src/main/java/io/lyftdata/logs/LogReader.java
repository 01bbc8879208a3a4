package io.lyftdata.logs;

import io.lyftdata.api.Times;
import io.lyftdata.db.SqliteFile;
import io.lyftdata.logs.DayReader.Found;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.zip.ZipException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers one query from what was committed when it began, chunk by chunk. Lines that come in meanwhile are left to the
 * next query, so a cursor never jumps over one. For one thread.
 */
final class LogReader {
    private static final Logger LOG = LoggerFactory.getLogger(LogReader.class);
    private static final int BUFFER = 1 << 15;
    /** Sorts behind every time. */
    private static final String END_OF_TIME = "~";

    private final DayFiles files;
    private final long store;
    private final LogQuery query;
    private final long horizon;
    private final NavigableSet<LocalDate> days;
    private final String since;
    private final String until;

    /** @param horizon the last chunk that counts */
    LogReader(DayFiles files, long store, LogQuery query, long horizon) {
        this.files = files;
        this.store = store;
        this.query = query;
        this.horizon = horizon;
        // A file that begins behind the horizon may be in the making.
        this.days = new TreeSet<>(files.days().headSet(Sequence.day(horizon), true));
        this.since = query.since().map(Times::format).orElse("");
        this.until = query.until().map(Times::format).orElse(END_OF_TIME);
    }

    /** What is done with a chunk; says whether there should be more. */
    private interface Visit {
        boolean visit(Found chunk) throws IOException;
    }

    void writeTo(OutputStream stream) throws IOException {
        OutputStream out = new BufferedOutputStream(stream, BUFFER);
        if (query.byTime()) {
            writeByTime(out);
        } else {
            writeByArrival(out);
        }
        out.flush();
    }

    private void writeByTime(OutputStream out) throws IOException {
        TimeOrder order = new TimeOrder(store, query);
        long earliest = earliest(query.begin());
        for (LocalDate day : days.tailSet(Sequence.day(earliest))) {
            each(day, earliest, true, order::latest, chunk -> offer(chunk, order));
        }
        order.writeTo(out);
    }

    private boolean offer(Found chunk, TimeOrder order) throws IOException {
        byte[] lines = inflated(chunk);
        int number = 0;
        for (int from = 0; from < lines.length; number++) {
            int to = endOfLine(lines, from);
            if (matches(lines, from)) {
                order.offer(chunk, number, lines, from, to);
            }
            from = to + 1;
        }
        return true;
    }

    private void writeByArrival(OutputStream out) throws IOException {
        Cursor start = start();
        int[] left = {query.limit()};
        for (LocalDate day : days.tailSet(Sequence.day(start.sequence()))) {
            if (!each(day, start.sequence(), true, query::end, chunk -> write(chunk, start, left, out))) {
                break;
            }
        }
    }

    private boolean write(Found chunk, Cursor start, int[] left, OutputStream out) throws IOException {
        byte[] lines = inflated(chunk);
        int number = 0;
        for (int from = 0; from < lines.length && left[0] > 0; number++) {
            int to = endOfLine(lines, from);
            boolean isBehind = chunk.sequence() > start.sequence() || number > start.line();
            if (isBehind && matches(lines, from)) {
                String cursor = new Cursor(store, chunk.sequence(), number).text();
                StoredLine.complete(lines, from, to, chunk.workerPart(), cursor, out);
                left[0]--;
            }
            from = to + 1;
        }
        return left[0] > 0;
    }

    /** The place behind which the answer begins. */
    private Cursor start() throws IOException {
        if (query.cursor().isEmpty() && query.since().isEmpty()) {
            return newest();
        }
        long earliest = earliest(query.begin());
        return query.cursor().filter(cursor -> cursor.sequence() >= earliest).orElse(new Cursor(store, earliest, -1));
    }

    /** The first chunk that can hold a line of the time: none is stored with a time further ahead of its arrival. */
    private static long earliest(Instant time) {
        return Math.max(0, Sequence.first(time.minus(BatchParser.MAX_AHEAD).toEpochMilli()));
    }

    /** The place before the last lines that match, as many as the limit. */
    private Cursor newest() throws IOException {
        int[] left = {query.limit()};
        Cursor[] start = {new Cursor(store, 0, -1)};
        for (LocalDate day : days.descendingSet()) {
            if (!each(day, 0, false, query::end, chunk -> count(chunk, left, start))) {
                break;
            }
        }
        return start[0];
    }

    private boolean count(Found chunk, int[] left, Cursor[] start) throws IOException {
        if (query.takesAll()) {
            left[0] -= chunk.lines();
            start[0] = new Cursor(store, chunk.sequence(), Math.max(0, -left[0]) - 1);
            return left[0] > 0;
        }
        byte[] lines = inflated(chunk);
        int matching = 0;
        for (int from = 0; from < lines.length; from = endOfLine(lines, from) + 1) {
            matching += matches(lines, from) ? 1 : 0;
        }
        int surplus = Math.max(0, matching - left[0]);
        left[0] -= matching;
        start[0] = new Cursor(store, chunk.sequence(), lineBehind(lines, surplus) - 1);
        return left[0] > 0;
    }

    /** The number of the line behind so many matching ones. */
    private int lineBehind(byte[] lines, int matching) {
        int number = 0;
        int left = matching;
        for (int from = 0; left > 0; from = endOfLine(lines, from) + 1) {
            left -= matches(lines, from) ? 1 : 0;
            number++;
        }
        return number;
    }

    private static byte[] inflated(Found chunk) throws IOException {
        try {
            return chunk.inflated();
        } catch (ZipException | EOFException e) {
            LOG.warn("the chunk {} of logs is damaged; a reader got none of its lines", chunk.sequence());
            return new byte[0];
        }
    }

    private boolean matches(byte[] lines, int from) {
        if (StoredLine.level(lines, from).compareTo(query.level()) < 0) {
            return false;
        }
        if (query.since().isEmpty() && query.until().isEmpty()) {
            return true;
        }
        String time = StoredLine.time(lines, from);
        return time.compareTo(since) >= 0 && time.compareTo(until) <= 0;
    }

    private static int endOfLine(byte[] lines, int from) {
        int to = from;
        while (lines[to] != '\n') {
            to++;
        }
        return to;
    }

    /** Visits a day's chunks up or down; says whether there should be more. A file that is gone or damaged has none. */
    private boolean each(LocalDate day, long from, boolean upwards, LongSupplier latest, Visit visit)
            throws IOException {
        try (DayReader reader = DayReader.open(files.of(day), query)) {
            long low = from;
            long high = horizon;
            while (true) {
                reader.until(latest.getAsLong());
                Optional<Found> chunk = upwards ? reader.first(low, high) : reader.last(low, high);
                if (chunk.isEmpty()) {
                    return true;
                }
                if (!visit.visit(chunk.get())) {
                    return false;
                }
                low = upwards ? chunk.get().sequence() + 1 : low;
                high = upwards ? high : chunk.get().sequence() - 1;
            }
        } catch (SQLException e) {
            if (Files.exists(files.of(day)) && !SqliteFile.isDamaged(e)) {
                throw new IOException("the logs of " + day + " cannot be read", e);
            }
            LOG.warn("the logs' file of {} is gone or damaged; a reader got none of its further lines", day);
            return true;
        }
    }
}

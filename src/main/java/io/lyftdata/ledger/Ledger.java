package io.lyftdata.ledger;

import io.lyftdata.config.BadSetting;
import io.lyftdata.crypto.SigningKey;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was entered is on disk and counts from the moment that {@link #append} returns, whatever becomes of the database.
 * After a failed write or fsync it takes no more entries, for nobody knows then what the disk holds. Safe for use by
 * many threads; what it says is read without a lock.
 */
public final class Ledger implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);

    private final FileOutputStream file;
    private final State state;
    private final Clock clock;
    private volatile Position position;
    private volatile boolean failed;

    private Ledger(FileOutputStream file, LedgerFile.Contents contents, Clock clock) {
        this.file = file;
        this.state = contents.state();
        this.position = contents.position();
        this.clock = clock;
    }

    /**
     * Opens the file, or makes it when the database knows of none. Bytes behind the last line end are of a write that a
     * crash cut off, and nobody was told that it was done: they are dropped.
     *
     * @param known how far the database has followed
     * @throws BadSetting when the file is missing, changed, cut, another's, or not the one that the database knows; says
     *     what to do
     */
    public static Ledger open(Path path, String installation, SigningKey key, Clock clock, Optional<Position> known)
            throws IOException {
        LedgerFile file = new LedgerFile(path, installation, key);
        if (!Files.exists(path)) {
            if (known.isPresent()) {
                throw file.refusal("is missing");
            }
            file.begin(Position.genesis(installation));
        }
        LedgerFile.Contents contents = file.read(known);
        dropBehind(path, contents.length());
        if (contents.isMostlySuperseded()) {
            file.compact(contents);
            LOG.info(
                    "the ledger was compacted: {} entries of {} count",
                    contents.state().size(),
                    contents.lines());
            contents = file.read(known);
        }
        return new Ledger(new FileOutputStream(path.toFile(), true), contents, clock);
    }

    private static void dropBehind(Path path, long length) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            if (file.length() > length) {
                LOG.warn("dropped {} bytes of a write to the ledger that a crash cut off", file.length() - length);
                file.setLength(length);
                file.getFD().sync();
            }
        }
    }

    public Position append(Change change) {
        return append(List.of(change));
    }

    /**
     * Enters all of them with one fsync.
     *
     * @return of the last one
     * @throws LedgerFailure when they may not be on disk; the process must end then
     */
    public synchronized Position append(List<Change> changes) {
        if (failed) {
            throw new LedgerFailure(null);
        }
        List<Entry> entries = new ArrayList<>(changes.size());
        try {
            position = write(changes, entries);
        } catch (IOException | RuntimeException e) {
            failed = true;
            throw new LedgerFailure(e);
        }
        entries.forEach(state::put);
        return position;
    }

    private Position write(List<Change> changes, List<Entry> entries) throws IOException {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Position last = position;
        // Closing it would close the file.
        OutputStream out = new BufferedOutputStream(file, 1 << 16);
        for (Change change : changes) {
            Entry entry = new Entry(last.sequence() + 1, now, change);
            Line line = Line.after(last, entry);
            out.write(LedgerFile.ascii(line.text()));
            entries.add(entry);
            last = line.position();
        }
        out.flush();
        file.getFD().sync();
        return last;
    }

    /** The last entry about it. */
    public Optional<Entry> last(Topic topic, String subject) {
        return state.last(topic, subject);
    }

    /** Whether the last entry about it says this. */
    public boolean says(Topic topic, String subject, String what) {
        return last(topic, subject).filter(entry -> entry.says(what)).isPresent();
    }

    /** The last entry about each of the topic's subjects. */
    public Collection<Entry> all(Topic topic) {
        return state.all(topic);
    }

    /** Of the last entry. */
    public Position position() {
        return position;
    }

    /** Whether it takes no more entries. */
    public boolean hasFailed() {
        return failed;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}

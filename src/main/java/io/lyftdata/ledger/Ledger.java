package io.lyftdata.ledger;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.Reserve;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
    /** More entries than the database can have missed: an epoch's number is above all that were lost. */
    private static final long ROOM_FOR_THE_LOST = 1_000_000;

    private final FileOutputStream file;
    private final State state;
    private final Clock clock;
    private final SigningKey key;
    private volatile Position position;
    private volatile boolean failed;
    private volatile Runnable onFailure = () -> {};
    private volatile Reserve reserve;

    private Ledger(FileOutputStream file, LedgerFile.Contents contents, SigningKey key, Clock clock) {
        this.file = file;
        this.key = key;
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
            contents = compacted(file, contents, known);
        }
        return new Ledger(new FileOutputStream(path.toFile(), true), contents, key, clock);
    }

    /** The long file serves as well as the short one, so a disk without room for both stops nothing. */
    private static LedgerFile.Contents compacted(
            LedgerFile file, LedgerFile.Contents contents, Optional<Position> known) throws IOException {
        try {
            file.compact(contents);
        } catch (IOException e) {
            LOG.warn("the ledger could not be compacted, and goes on as it is", e);
            return contents;
        }
        LOG.info(
                "the ledger was compacted: {} entries of {} count",
                contents.state().size(),
                contents.lines());
        return file.read(known);
    }

    /**
     * Opens the file like {@link #open}; one that would be refused is put aside, and a new one goes on from what the
     * database knows and begins an epoch: sessions and tokens end, enrollment is off, workers renew their keys.
     */
    public static Ledger openOrAcceptLoss(
            Path path, String installation, SigningKey key, Clock clock, Optional<Position> known) throws IOException {
        try {
            Ledger intact = open(path, installation, key, clock, known);
            LOG.warn("--accept-ledger-loss had no loss to accept: the ledger is intact; start without it");
            return intact;
        } catch (BadSetting loss) {
            LOG.warn("a loss is accepted, and an epoch begins: {}", loss.getMessage());
        }
        if (Files.exists(path)) {
            Path aside = path.resolveSibling(
                    path.getFileName() + ".refused-" + clock.instant().getEpochSecond());
            Files.move(path, aside, StandardCopyOption.ATOMIC_MOVE);
        }
        Ledger anew = begin(path, installation, key, clock, known);
        anew.append(List.of(
                new Change(Topic.EPOCH, Change.ALL, "begun"),
                new Change(Topic.SESSION, Change.ALL, "cut-off"),
                new Change(Topic.TOKEN, Change.ALL, "revoked"),
                new Change(Topic.ENROLLMENT, Change.ALL, "off")));
        return anew;
    }

    /** A new file, whose entries come behind what the database knows and behind all that it can have missed. */
    public static Ledger begin(Path path, String installation, SigningKey key, Clock clock, Optional<Position> known)
            throws IOException {
        Position from = known.orElse(Position.genesis(installation));
        new LedgerFile(path, installation, key).begin(new Position(from.sequence() + ROOM_FOR_THE_LOST, from.hash()));
        return open(path, installation, key, clock, Optional.empty());
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
     * @throws Refusal {@code storage_full} when the disk has no room, nor a reserve; nothing is entered then
     * @throws LedgerFailure when they may not be on disk; the process must end then
     */
    public synchronized Position append(List<Change> changes) {
        if (failed) {
            throw new LedgerFailure(null);
        }
        if (changes.isEmpty()) {
            return position;
        }
        List<Entry> entries = new ArrayList<>(changes.size());
        try {
            Position last = write(changes, entries);
            entries.forEach(state::put);
            position = last;
            return last;
        } catch (Refusal full) {
            throw full;
        } catch (IOException | RuntimeException e) {
            failed = true;
            onFailure.run();
            throw new LedgerFailure(e);
        }
    }

    /**
     * Enters each change if this is still the last that was entered about it.
     *
     * @param last of each
     * @return whether all were entered
     */
    public synchronized boolean appendAfter(List<Optional<Entry>> last, List<Change> changes) {
        List<Change> due = new ArrayList<>(changes.size());
        for (int i = 0; i < changes.size(); i++) {
            Change change = changes.get(i);
            if (last(change.topic(), change.subject()).equals(last.get(i))) {
                due.add(change);
            }
        }
        append(due);
        return due.size() == changes.size();
    }

    private Position write(List<Change> changes, List<Entry> entries) throws IOException {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Position last = position;
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (Change change : changes) {
            Entry entry = new Entry(last.sequence() + 1, now, change);
            Line line = Line.after(last, entry);
            lines.write(LedgerFile.ascii(line.text()));
            entries.add(entry);
            last = line.position();
        }
        write(lines.toByteArray());
        file.getFD().sync();
        return last;
    }

    /** What was written in part is taken back, so that nothing stands there of a write that failed. */
    private void write(byte[] lines) throws IOException {
        FileChannel channel = file.getChannel();
        long length = channel.size();
        for (int attempt = 1; ; attempt++) {
            try {
                file.write(lines);
                return;
            } catch (IOException e) {
                channel.truncate(length);
                channel.force(true);
                Reserve space = reserve;
                if (space == null || attempt > Reserve.ATTEMPTS) {
                    throw e;
                }
                if (!space.release()) {
                    throw new Refusal(
                                    Code.STORAGE_FULL,
                                    "the server's disk is full, and its reserve is used up: free space there; nothing"
                                            + " was changed")
                            .because(e);
                }
            }
        }
    }

    /** The last entry about it. */
    public Optional<Entry> last(Topic topic, String subject) {
        return state.last(topic, subject);
    }

    /** Whether the last entry about it says this. */
    public boolean says(Topic topic, String subject, String what) {
        return last(topic, subject).filter(entry -> entry.says(what)).isPresent();
    }

    /** The last entry about it, when it came after that one: what is older than the entry is what it is about. */
    public Optional<Entry> since(Topic topic, String subject, long sequence) {
        return last(topic, subject).filter(entry -> entry.sequence() > sequence);
    }

    /** The last entry about each of the topic's subjects. */
    public Collection<Entry> all(Topic topic) {
        return state.all(topic);
    }

    /** Of the last entry. */
    public Position position() {
        return position;
    }

    /** Into what it writes when the disk is full. */
    public void fallBackOn(Reserve space) {
        reserve = space;
    }

    /** What is done once, when it takes no more entries: the process must end. */
    public void whenFailed(Runnable action) {
        onFailure = action;
    }

    /** How a secret is called here. */
    public String nameOf(Secret secret) {
        return key.fingerprint(secret);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}

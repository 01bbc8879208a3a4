package io.lyftdata.logs;

import io.lyftdata.db.SqliteFile;
import io.lyftdata.host.Space;
import io.lyftdata.logs.DayFile.Chunk;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits chunks in groups: whoever gets the lock commits what all have brought by then, and wakes each of them, so that
 * nobody waits for the lock only to learn that he is done. On return a chunk is on disk, once, in the file of its day of
 * arrival. Safe for use by many threads.
 */
final class LogWriter {
    private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);

    private static final long A_WHILE = TimeUnit.MILLISECONDS.toNanos(100);

    /** A chunk on its way. */
    private static final class Pending {
        private final String worker;
        private final byte[] batch;
        private final Chunk chunk;
        private final Thread caller = Thread.currentThread();
        /** Published by {@link #isDone}. */
        private RuntimeException failure;

        private volatile boolean isDone;

        private Pending(String worker, byte[] batch, Chunk chunk) {
            this.worker = worker;
            this.batch = batch;
            this.chunk = chunk;
        }
    }

    /**
     * What was committed.
     *
     * @param batches repeated ones included
     * @param commits each of one group of batches
     */
    record Written(long lines, long batches, long commits) {
        private Written plus(long moreLines, long moreBatches) {
            return new Written(lines + moreLines, batches + moreBatches, commits + 1);
        }
    }

    private final DayFiles files;
    private final Space space;
    private final Clock clock;
    private final Queue<Pending> waiting = new ConcurrentLinkedQueue<>();
    private final ReentrantLock committing = new ReentrantLock();
    private DayFile current;
    /** The file before the current one: a batch that is repeated later than midnight is found there. */
    private DayFile previous;

    private long last;
    private volatile long committed;
    private volatile Written written = new Written(0, 0, 0);

    LogWriter(DayFiles files, Space space, Clock clock) {
        this.files = files;
        this.space = space;
        this.clock = clock;
    }

    /** Goes on behind the newest chunk there is. */
    void start() throws SQLException {
        NavigableSet<LocalDate> days = files.days();
        if (!days.isEmpty()) {
            open(days.last());
            last = current.last();
        }
        committed = last;
    }

    void stop() throws SQLException {
        committing.lock();
        try {
            close();
        } finally {
            unlock();
        }
    }

    /** How many batches wait for the disk now. */
    int waiting() {
        return waiting.size();
    }

    /** What was committed since the start. */
    Written written() {
        return written;
    }

    /** Every chunk up to this number is there to be read, and no smaller one will ever be added. */
    long committed() {
        return committed;
    }

    /** Stores the chunk unless the worker's batch is stored already. */
    void store(String worker, byte[] batch, Chunk chunk) {
        Pending mine = new Pending(worker, batch, chunk);
        waiting.add(mine);
        boolean isInterrupted = false;
        while (!mine.isDone) {
            if (committing.tryLock()) {
                try {
                    commitWaiting();
                } finally {
                    unlock();
                }
            } else {
                LockSupport.parkNanos(this, A_WHILE);
                isInterrupted |= Thread.interrupted();
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
        if (mine.failure != null) {
            throw mine.failure;
        }
    }

    /** Whoever has come meanwhile goes on. */
    private void unlock() {
        committing.unlock();
        Pending next = waiting.peek();
        if (next != null) {
            LockSupport.unpark(next.caller);
        }
    }

    private void commitWaiting() {
        List<Pending> group = new ArrayList<>();
        for (Pending next = waiting.poll(); next != null; next = waiting.poll()) {
            group.add(next);
        }
        if (group.isEmpty()) {
            return;
        }
        RuntimeException failure = null;
        try {
            commit(group);
        } catch (SQLException | RuntimeException | Error e) {
            failure = e instanceof SQLException sql && SqliteFile.isFull(sql)
                    ? space.exhausted()
                    : new IllegalStateException("the logs' files cannot be written", e);
            giveUp();
        }
        for (Pending pending : group) {
            pending.failure = failure;
            pending.isDone = true;
            LockSupport.unpark(pending.caller);
        }
    }

    private void commit(List<Pending> group) throws SQLException {
        long next = Sequence.next(last, clock.millis(), group.size());
        LocalDate day = Sequence.day(next);
        if (current == null || !current.day().equals(day)) {
            open(day);
        }
        long lines = 0;
        for (Pending pending : group) {
            if (!isStored(pending)) {
                current.insert(next++, pending.worker, pending.batch, pending.chunk);
                lines += pending.chunk.lines();
            }
        }
        current.commit();
        last = Math.max(last, next - 1);
        committed = last;
        written = written.plus(lines, group.size());
    }

    private boolean isStored(Pending pending) throws SQLException {
        return current.contains(pending.worker, pending.batch)
                || (previous != null && previous.contains(pending.worker, pending.batch));
    }

    private void open(LocalDate day) throws SQLException {
        close();
        current = openSound(day);
        LocalDate before = files.days().lower(day);
        previous = before == null ? null : openSound(before);
    }

    private DayFile openSound(LocalDate day) throws SQLException {
        try {
            return DayFile.open(files.of(day), day);
        } catch (SQLException e) {
            if (!SqliteFile.isDamaged(e)) {
                throw e;
            }
        }
        files.putAside(day);
        return DayFile.open(files.of(day), day);
    }

    private void close() throws SQLException {
        DayFile first = previous;
        DayFile second = current;
        previous = null;
        current = null;
        try {
            if (first != null) {
                first.close();
            }
        } finally {
            if (second != null) {
                second.close();
            }
        }
    }

    /** After an error: the next group opens the files anew, so that nothing half-done is left. */
    private void giveUp() {
        try {
            close();
        } catch (SQLException e) {
            LOG.warn("a file of logs could not be closed after an error", e);
        }
    }

    /** Brings the newest day's file up to date; only the last of it holds up commits. */
    void checkpoint() throws SQLException {
        NavigableSet<LocalDate> days = files.days();
        if (days.isEmpty()) {
            return;
        }
        Path newest = files.of(days.last());
        SqliteFile.checkpoint(newest);
        committing.lock();
        try {
            SqliteFile.restartLog(newest);
        } finally {
            unlock();
        }
    }

    /** Deletes a day's file; never the newest one. Says whether there was one to delete. */
    boolean drop(LocalDate day) throws SQLException {
        committing.lock();
        try {
            if (!files.days().contains(day) || files.days().last().equals(day)) {
                return false;
            }
            if (previous != null && previous.day().equals(day)) {
                previous.close();
                previous = null;
            }
            files.delete(day);
            return true;
        } finally {
            unlock();
        }
    }
}

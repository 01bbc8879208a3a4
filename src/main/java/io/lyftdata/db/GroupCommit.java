package io.lyftdata.db;

import java.sql.SQLTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Carries out one write after the other, and commits those together that came while the last commit was under way: a
 * commit waits for the disk, however much it holds. Whoever comes first carries out the writes of all that wait. Safe
 * for use by many threads.
 */
final class GroupCommit {
    private static final int MOST = 500;
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);
    private static final long A_WHILE = TimeUnit.MILLISECONDS.toNanos(100);
    private static final String SAVEPOINT = "member";

    private final Supplier<Jdbi> jdbi;
    private final Queue<Write<?>> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Thread> leader = new AtomicReference<>();

    GroupCommit(Supplier<Jdbi> jdbi) {
        this.jdbi = jdbi;
    }

    /** On return it is committed; when it throws, it has changed nothing. */
    <T> T write(Function<Handle, T> work) {
        Thread self = Thread.currentThread();
        if (leader.get() == self) {
            throw new IllegalStateException("a write within a write would wait for itself");
        }
        Write<T> write = new Write<>(work);
        long deadline = System.nanoTime() + PATIENCE;
        boolean isInterrupted = false;
        waiting.add(write);
        while (!write.isDone()) {
            if (leader.compareAndSet(null, self)) {
                lead();
            } else if (deadline - System.nanoTime() > 0 || !write.withdraw()) {
                LockSupport.parkNanos(this, Math.max(deadline - System.nanoTime(), A_WHILE));
                isInterrupted |= Thread.interrupted();
            } else {
                waiting.remove(write);
                wakeNext();
                throw new ConnectionException(new SQLTimeoutException("the writes before this one take too long"));
            }
        }
        if (isInterrupted) {
            self.interrupt();
        }
        return write.result();
    }

    private void lead() {
        List<Write<?>> group = new ArrayList<>();
        try {
            commit(group);
        } catch (Throwable failure) {
            if (group.isEmpty()) {
                takeAll(group);
            }
            group.forEach(write -> write.failWithGroup(failure));
        } finally {
            leader.set(null);
            wakeNext();
        }
        group.forEach(Write::end);
    }

    private void wakeNext() {
        Write<?> next = waiting.peek();
        if (next != null) {
            next.wake();
        }
    }

    /** The next that still waits, from now on under way. */
    private Write<?> next() {
        Write<?> write = waiting.poll();
        while (write != null && !write.begin()) {
            write = waiting.poll();
        }
        return write;
    }

    /** A transaction that did not even begin would not for those that wait either. */
    private void takeAll(List<Write<?>> group) {
        for (Write<?> write = next(); write != null; write = next()) {
            group.add(write);
        }
    }

    /** @param group holds in the end whatever was committed, or would have been */
    private void commit(List<Write<?>> group) {
        try (Handle tx = jdbi.get().open()) {
            tx.begin();
            carryOut(tx, group);
            tx.commit();
        }
    }

    /** What stands first in its group needs no savepoint: there is nothing before it to be kept. */
    private void carryOut(Handle tx, List<Write<?>> group) {
        while (group.size() < MOST) {
            Write<?> write = next();
            if (write == null) {
                return;
            }
            boolean isFirst = group.isEmpty();
            if (!isFirst) {
                tx.savepoint(SAVEPOINT);
            }
            group.add(write);
            if (write.carryOut(tx)) {
                if (!isFirst) {
                    tx.releaseSavepoint(SAVEPOINT);
                }
            } else {
                if (isFirst) {
                    tx.rollback();
                    tx.begin();
                } else {
                    tx.rollbackToSavepoint(SAVEPOINT);
                }
                group.remove(group.size() - 1);
                write.end();
            }
        }
    }
}

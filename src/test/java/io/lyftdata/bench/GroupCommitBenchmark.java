package io.lyftdata.bench;

import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.Handle;

/**
 * Durable writes a second, one commit each against commits in groups, by the number of threads; rounds interleaved.
 * Takes a directory on the disk to be measured, and about a minute.
 */
public final class GroupCommitBenchmark {
    private static final int ROUNDS = 5;
    private static final long SECONDS = 1;

    private GroupCommitBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(arguments.length > 0 ? arguments[0] : "target"), "commits");
        AtomicLong ids = new AtomicLong();
        try (DatabaseOpener opener = new DatabaseOpener()) {
            Database database = opener.openSqlite(directory.resolve("control.db"));
            for (int threads : new int[] {1, 8, 64}) {
                double alone = 0;
                double grouped = 0;
                for (int round = -1; round < ROUNDS; round++) {
                    double one = rate(database, ids, threads, 1);
                    double many = rate(database, ids, threads, threads);
                    alone += round < 0 ? 0 : one;
                    grouped += round < 0 ? 0 : many;
                }
                System.out.printf(
                        "%2d threads: %6.0f writes/s one by one, %6.0f in groups: %.1f times%n",
                        threads, alone / ROUNDS, grouped / ROUNDS, grouped / alone);
            }
        }
    }

    /** @param atATime 1: no write meets another */
    private static double rate(Database database, AtomicLong ids, int threads, int atATime) throws Exception {
        Semaphore limit = new Semaphore(atATime);
        AtomicLong done = new AtomicLong();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        long begin = System.nanoTime();
        long end = begin + TimeUnit.SECONDS.toNanos(SECONDS);
        List<Future<?>> writers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            writers.add(pool.submit(() -> {
                while (System.nanoTime() - end < 0) {
                    limit.acquireUninterruptibly();
                    try {
                        database.write(tx -> put(tx, ids.incrementAndGet()));
                    } finally {
                        limit.release();
                    }
                    done.incrementAndGet();
                }
            }));
        }
        for (Future<?> writer : writers) {
            writer.get();
        }
        pool.shutdown();
        return done.get() / ((System.nanoTime() - begin) / 1e9);
    }

    private static int put(Handle tx, long id) {
        return tx.execute("INSERT INTO worker (id, state, labels, created_at) VALUES (?, 'active', '{}', 1)", "w" + id);
    }
}

package io.lyftdata.logs;

import io.lyftdata.host.Space;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** Durable, acknowledged lines a second, their size on disk, and how fast they are read. Takes a directory and about 15 s. */
public final class LogStoreBenchmark {
    private static final int BATCH_LINES = 1_000;
    private static final int SECONDS = 5;

    private LogStoreBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(arguments.length > 0 ? arguments[0] : "target"), "logs");
        LogStore store = new LogStore(directory, "benchmark", new Space(() -> 0), Clock.systemUTC());
        store.start();
        for (int threads : new int[] {4, 1, 4, 16}) {
            write(store, directory, threads);
        }
        for (String limit : new String[] {"1000", "10000", "10000"}) {
            read(store, limit);
        }
        store.stop();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted((a, b) -> b.compareTo(a)).forEach(file -> file.toFile().delete());
        }
    }

    private static byte[] batch() {
        Random random = new Random(5);
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < BATCH_LINES; i++) {
            lines.append(LogFixture.line(
                            Instant.now(),
                            i % 50 == 0 ? "warn" : "info",
                            "request " + random.nextInt(1 << 30) + " from 10.0." + random.nextInt(256) + "."
                                    + random.nextInt(256) + " GET /api/v1/orders/" + random.nextInt(100_000)
                                    + " answered 200 in " + random.nextInt(900) + " ms by backend-"
                                    + random.nextInt(8)))
                    .append('\n');
        }
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void write(LogStore store, Path directory, int threads) throws Exception {
        byte[] batch = batch();
        long before = size(directory);
        AtomicLong batches = new AtomicLong();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        long start = System.nanoTime();
        long end = start + TimeUnit.SECONDS.toNanos(SECONDS) / (threads == 1 ? 2 : 1);
        List<Future<?>> done = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            String worker = "w" + t;
            done.add(pool.submit(() -> {
                while (System.nanoTime() < end) {
                    long number = batches.incrementAndGet();
                    store.append(worker, "%016x%016x".formatted(start, number), new ByteArrayInputStream(batch));
                }
                return null;
            }));
        }
        for (Future<?> one : done) {
            one.get();
        }
        pool.shutdown();
        double seconds = (System.nanoTime() - start) / 1e9;
        long raw = batches.get() * batch.length;
        System.out.printf(
                "write, %2d threads: %,9.0f durable lines/s (%,.0f batches/s), disk %.3f of the raw bytes%n",
                threads,
                batches.get() * BATCH_LINES / seconds,
                batches.get() / seconds,
                (double) (size(directory) - before) / raw);
    }

    private static void read(LogStore store, String limit) throws Exception {
        long start = System.nanoTime();
        long[] first = {0};
        store.read(LogFixture.parameters("limit", limit, "level", "info"), Optional.of("w0"))
                .write(new OutputStream() {
                    @Override
                    public void write(int b) {
                        throw new IllegalStateException("lines come in blocks");
                    }

                    @Override
                    public void write(byte[] bytes, int from, int length) {
                        first[0] = first[0] == 0 ? System.nanoTime() - start : first[0];
                    }
                });
        System.out.printf(
                "read, newest %s lines of one worker: first byte %.1f ms, all %.1f ms%n",
                limit, first[0] / 1e6, (System.nanoTime() - start) / 1e6);
    }

    private static long size(Path directory) throws Exception {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }
}

package io.lyftdata.logs;

import io.lyftdata.host.Space;
import java.io.ByteArrayInputStream;
import java.io.IOException;
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

/** Durable, acknowledged lines a second, their size on disk, and how fast they are read. Takes a directory and about 20 s. */
public final class LogStoreBenchmark {
    private static final int BATCH_LINES = 1_000;
    private static final int SECONDS = 5;

    private LogStoreBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(arguments.length > 0 ? arguments[0] : "target"), "logs");
        LogStore store = new LogStore(directory, "benchmark", new Space(() -> 0), Clock.systemUTC());
        store.start();
        byte[] thousand = batch(BATCH_LINES);
        for (int threads : new int[] {4, 1, 4, 16}) {
            write(store, thousand, threads);
        }
        write(store, batch(1), 16);
        for (String limit : new String[] {"1000", "10000", "10000"}) {
            read(store, limit);
        }
        store.stop();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted((a, b) -> b.compareTo(a)).forEach(file -> file.toFile().delete());
        }
    }

    private static byte[] batch(int count) {
        Random random = new Random(5);
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
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

    /** As a server does: with a checkpoint each four seconds. */
    private static void write(LogStore store, byte[] batch, int threads) throws Exception {
        long stored = store.bytes();
        long written = written();
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
        pool.shutdown();
        while (!pool.awaitTermination(4, TimeUnit.SECONDS)) {
            store.checkpoint();
        }
        for (Future<?> one : done) {
            one.get();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        long lines = new String(batch, StandardCharsets.UTF_8).lines().count();
        store.checkpoint();
        System.out.printf(
                "write, %2d threads, batches of %,5d lines: %,9.0f durable lines/s, %,8.0f bytes written a batch, disk %.3f of"
                        + " the raw bytes%n",
                threads,
                lines,
                batches.get() * lines / seconds,
                (double) (written() - written) / batches.get(),
                (double) (store.bytes() - stored) / batches.get() / batch.length);
    }

    /** What this process has sent to disks so far, in bytes. */
    private static long written() throws IOException {
        try (Stream<String> counts = Files.lines(Path.of("/proc/self/io"))) {
            return counts.filter(line -> line.startsWith("write_bytes: "))
                    .mapToLong(line -> Long.parseLong(line.substring(13)))
                    .sum();
        }
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
}

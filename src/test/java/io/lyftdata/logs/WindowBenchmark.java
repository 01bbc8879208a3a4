package io.lyftdata.logs;

import io.lyftdata.crypto.SecretFile;
import io.lyftdata.host.Space;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/**
 * An hour of one worker out of a month of a hundred workers' lines. Takes a directory with 4 GB and, when not 100, how
 * many million lines; about three minutes.
 */
public final class WindowBenchmark {
    private static final int DAYS = 30;
    private static final int WORKERS = 100;
    private static final int LINES = 1_000;
    private static final int QUERIES = 20;

    private WindowBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(arguments.length > 0 ? arguments[0] : "target"), "window");
        long lines = 1_000_000L * (arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100);
        Instant end = Instant.now().truncatedTo(ChronoUnit.DAYS);
        long start = System.nanoTime();
        int chunks = write(directory.resolve("logs"), end.minus(Duration.ofDays(DAYS)), lines);
        System.out.printf(
                "%,d lines in %,d chunks written in %.0f s%n",
                (long) chunks * LINES, chunks, (System.nanoTime() - start) / 1e9);
        LogStore store = new LogStore(directory, "benchmark", new Space(() -> 0), Clock.systemUTC());
        store.start();
        for (String order : List.of("arrival", "time")) {
            read(store, end, order);
        }
        System.out.printf("disk: %,d MiB%n", store.bytes() >> 20);
        store.stop();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Collections.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }

    /** Each hour's chunks are the workers' in turn. */
    private static int write(Path logs, Instant from, long lines) throws Exception {
        SecretFile.createDirectory(logs.getParent());
        SecretFile.createDirectory(logs);
        DayFiles files = new DayFiles(logs);
        int anHour = (int) (lines / LINES / DAYS / 24);
        int number = 0;
        for (int day = 0; day < DAYS; day++) {
            Instant begin = from.plus(Duration.ofDays(day));
            LocalDate date = LocalDate.ofInstant(begin, ZoneOffset.UTC);
            try (DayFile file = DayFile.open(files.of(date), date)) {
                for (int hour = 0; hour < 24; hour++) {
                    Instant time = begin.plus(Duration.ofHours(hour));
                    DayFile.Chunk chunk = BatchParser.parse(hourOf(time), time.plus(Duration.ofHours(1)));
                    long sequence = Sequence.first(time.plusSeconds(3599).toEpochMilli());
                    for (int i = 0; i < anHour; i++, number++) {
                        byte[] batch = "%016x".formatted(number).getBytes(StandardCharsets.US_ASCII);
                        file.insert(sequence + i, "w" + number % WORKERS, batch, chunk);
                    }
                    file.commit();
                }
            }
        }
        return number;
    }

    private static byte[] hourOf(Instant time) {
        Random random = new Random(time.getEpochSecond());
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < LINES; i++) {
            Instant at = time.plusMillis(i * 3_600L);
            lines.append(LogFixture.line(at, "info", "request " + random.nextInt(1 << 30) + " answered 200"))
                    .append('\n');
        }
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void read(LogStore store, Instant end, String order) throws Exception {
        Random random = new Random(7);
        List<Double> firsts = new ArrayList<>();
        List<Double> alls = new ArrayList<>();
        for (int i = 0; i < QUERIES; i++) {
            Instant since = end.minus(Duration.ofHours(1 + random.nextInt(DAYS * 24 - 1)));
            Instant until = since.plus(Duration.ofHours(1)).minusMillis(1);
            long[] first = {0};
            long start = System.nanoTime();
            store.read(
                            LogFixture.parameters("since", "" + since, "until", "" + until, "order", order),
                            Optional.of("w" + random.nextInt(WORKERS)))
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
            firsts.add((first[0] == 0 ? System.nanoTime() - start : first[0]) / 1e6);
            alls.add((System.nanoTime() - start) / 1e6);
        }
        Collections.sort(firsts);
        Collections.sort(alls);
        System.out.printf(
                "an hour of one worker by %s: first byte %.1f ms (slowest %.1f), all %.1f ms (slowest %.1f)%n",
                order, firsts.get(QUERIES / 2), firsts.get(QUERIES - 1), alls.get(QUERIES / 2), alls.get(QUERIES - 1));
    }
}

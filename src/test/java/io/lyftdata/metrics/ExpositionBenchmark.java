package io.lyftdata.metrics;

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
import java.util.stream.Stream;

/** Pushes and scrape of 5,000 workers with 50 series each. Takes a directory and about 10 s. */
public final class ExpositionBenchmark {
    private static final int WORKERS = 5_000;
    private static final int SERIES = 50;

    private ExpositionBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(arguments.length > 0 ? arguments[0] : "target"), "metrics");
        WorkerMetrics metrics =
                new WorkerMetrics(directory, new MetricsConfig(null), new Space(() -> 0), Clock.systemUTC());
        metrics.start();
        List<WorkerStatus> fleet = new ArrayList<>();
        for (int w = 0; w < WORKERS; w++) {
            fleet.add(new WorkerStatus("worker-" + w, true, Optional.of(Instant.now()), "0.1.0"));
        }
        for (int round = 0; round < 3; round++) {
            push(metrics, fleet, round);
        }
        for (int round = 0; round < 8; round++) {
            scrape(metrics, fleet);
        }
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        System.out.printf("heap in use: %d MB%n", (runtime.totalMemory() - runtime.freeMemory()) >> 20);
        metrics.stop();
        long start = System.nanoTime();
        metrics.start();
        System.out.printf("start with %d snapshots: %.0f ms%n", WORKERS, (System.nanoTime() - start) / 1e6);
        metrics.stop();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted((a, b) -> b.compareTo(a)).forEach(file -> file.toFile().delete());
        }
    }

    private static byte[] exposition(int round) {
        StringBuilder text = new StringBuilder();
        for (int family = 0; family < SERIES / 5; family++) {
            String name = "app_requests_by_kind_" + family + "_total";
            text.append("# HELP ").append(name).append(" Requests of this kind that were answered.\n");
            text.append("# TYPE ").append(name).append(" counter\n");
            for (int i = 0; i < 5; i++) {
                text.append(name)
                        .append("{method=\"GET\",code=\"20")
                        .append(i)
                        .append("\"} ")
                        .append(1000 * round + i)
                        .append(".5\n");
            }
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void push(WorkerMetrics metrics, List<WorkerStatus> fleet, int round) throws Exception {
        byte[] exposition = exposition(round);
        long start = System.nanoTime();
        for (WorkerStatus worker : fleet) {
            ExpositionParser.parse(worker.id(), exposition);
        }
        double parse = (System.nanoTime() - start) / 1e3 / WORKERS;
        start = System.nanoTime();
        for (WorkerStatus worker : fleet) {
            metrics.put(worker.id(), new ByteArrayInputStream(exposition));
        }
        double put = (System.nanoTime() - start) / 1e3 / WORKERS;
        System.out.printf("push of %d series: parsed in %.0f us, kept in %.0f us%n", SERIES, parse, put);
    }

    private static void scrape(WorkerMetrics metrics, List<WorkerStatus> fleet) throws Exception {
        long start = System.nanoTime();
        long[] seen = {0, 0};
        new FleetExposition(fleet, metrics::fresh).writeTo(new OutputStream() {
            @Override
            public void write(int b) {
                throw new IllegalStateException("samples come in blocks");
            }

            @Override
            public void write(byte[] bytes, int from, int length) {
                seen[0] = seen[0] == 0 ? System.nanoTime() - start : seen[0];
                seen[1] += length;
            }
        });
        System.out.printf(
                "scrape of %d x %d series: first byte %.1f ms, all %.1f ms, %.1f MB%n",
                WORKERS, SERIES, seen[0] / 1e6, (System.nanoTime() - start) / 1e6, seen[1] / 1e6);
    }
}

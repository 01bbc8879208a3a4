package io.lyftdata.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * What following, spooling (with fsync) and shipping to nobody yields in lines a second, what a poll without news costs,
 * and what one reading of the host costs. Argument: a directory on the disk to measure.
 */
public final class LogShipperBenchmark {
    private static final int LINES = 400_000;
    private static final int IDLE_POLLS = 100_000;
    private static final int READINGS = 50;

    private LogShipperBenchmark() {}

    public static void main(String[] arguments) throws IOException {
        ((Logger) LoggerFactory.getLogger("ROOT")).setLevel(Level.WARN);
        Path directory = Files.createTempDirectory(Path.of(arguments[0]), "benchmark");
        ship(directory);
        read(directory);
    }

    private static void ship(Path directory) throws IOException {
        Path log = directory.resolve("app.log");
        String line =
                "2026-11-23T12:00:00.000Z INFO order 4711 of customer 0815 was taken in 17 ms by node seven of nine\n";
        Files.writeString(log, line.repeat(LINES));
        Spool spool = new Spool(directory.resolve("spool"), Spool.DEFAULT_BYTES);
        try (OwnLog ownLog = new OwnLog();
                LogShipper shipper = new LogShipper(spool, List.of(log), ownLog, Clock.systemUTC())) {
            long[] sent = new long[1];
            long start = System.nanoTime();
            boolean more = true;
            while (more) {
                more = shipper.poll();
                while (shipper.ship((id, body) -> sent[0] += body.length)) {
                    // Until the spool is empty.
                }
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    "%,.0f lines/s, %.1f MB/s read, %,d bytes sent%n",
                    LINES / seconds, LINES * (double) line.length() / seconds / 1e6, sent[0]);
            long idle = System.nanoTime();
            for (int i = 0; i < IDLE_POLLS; i++) {
                shipper.poll();
            }
            System.out.printf("%.1f µs a poll without news%n", (System.nanoTime() - idle) / 1e3 / IDLE_POLLS);
        }
    }

    private static void read(Path directory) {
        try (MetricsReporter reporter = new MetricsReporter(List.of(), directory)) {
            long first = System.nanoTime();
            int bytes = reporter.collect().length;
            double firstMillis = (System.nanoTime() - first) / 1e6;
            long start = System.nanoTime();
            for (int i = 0; i < READINGS; i++) {
                reporter.collect();
            }
            System.out.printf(
                    "host metrics: first %.0f ms, then %.1f ms, %,d bytes%n",
                    firstMillis, (System.nanoTime() - start) / 1e6 / READINGS, bytes);
        }
    }
}

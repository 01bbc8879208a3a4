package io.lyftdata.bench;

import com.sun.management.OperatingSystemMXBean;
import io.lyftdata.api.AuditHead;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What a heartbeat costs, client and server together, when the worker sends no head, the newest one, and a forged one.
 * Takes a directory on the disk to be measured, and about a minute; the CPU's column is the steadier one.
 */
public final class HeartbeatBenchmark {
    private static final int WORKERS = 8;
    private static final int BEATS = 500;
    private static final int ROUNDS = 7;

    private HeartbeatBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(arguments.length > 0 ? arguments[0] : "target"), "beats");
        ExecutorService threads = Executors.newFixedThreadPool(WORKERS);
        try (TestServer server = TestServer.start(directory.resolve("staging"), Map.of())) {
            List<TestWorker> workers = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                workers.add(TestWorker.enroll(server, "worker-" + i));
            }
            AuditHead newest = workers.get(0).beat().auditHead();
            AuditHead forged = newest.signed("A".repeat(86) + "==");
            for (int round = -3; round < ROUNDS; round++) {
                measure("no head", threads, workers, null);
                measure("newest", threads, workers, newest);
                measure("forged", threads, workers, forged);
            }
        } finally {
            threads.shutdown();
        }
    }

    private static void measure(String what, ExecutorService threads, List<TestWorker> workers, AuditHead head)
            throws InterruptedException, ExecutionException {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        long cpu = system.getProcessCpuTime();
        long start = System.nanoTime();
        List<Future<?>> beats = new ArrayList<>();
        for (TestWorker worker : workers) {
            beats.add(threads.submit(() -> {
                for (int i = 0; i < BEATS; i++) {
                    worker.beat(head);
                }
            }));
        }
        for (Future<?> done : beats) {
            done.get();
        }
        double count = (double) workers.size() * BEATS;
        System.out.printf(
                "%-8s %6.0f beats/s, CPU %4.0f us each%n",
                what, count / ((System.nanoTime() - start) / 1e9), (system.getProcessCpuTime() - cpu) / 1e3 / count);
    }
}

package io.lyftdata.rotation;

import io.lyftdata.crypto.KeyString;
import io.lyftdata.testing.Engine;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What it costs to verify a worker's key that has been seen before: CPU of the one thread. Takes some 20 s. */
public final class KeyCheckBenchmark {
    private static final int WORKERS = 1_000;
    private static final int CHECKS = 200_000;
    private static final int ROUNDS = 6;

    private KeyCheckBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(arguments.length > 0 ? arguments[0] : "target"), "keys");
        try (KeyFixture fixture = KeyFixture.open(Engine.SQLITE, directory)) {
            List<KeyString> keys = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                keys.add(fixture.enroll("worker-" + i).key());
            }
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            for (int round = 0; round < ROUNDS; round++) {
                long begin = threads.getCurrentThreadCpuTime();
                for (int i = 0; i < CHECKS; i++) {
                    fixture.use(keys.get(i % WORKERS));
                }
                double micros = (threads.getCurrentThreadCpuTime() - begin) / 1e3 / CHECKS;
                System.out.printf("round %d: %.1f us of CPU a check%n", round + 1, micros);
            }
        }
    }
}

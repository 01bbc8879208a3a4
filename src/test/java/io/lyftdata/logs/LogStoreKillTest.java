package io.lyftdata.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

public class LogStoreKillTest {
    private static final int WRITERS = 4;
    private static final int ACKNOWLEDGED_BEFORE_KILL = 200;

    @TempDir
    Path directory;

    /** The process that gets killed: names each batch before it is sent and after it is acknowledged. */
    public static final class Victim {
        private Victim() {}

        public static void main(String[] arguments) throws Exception {
            LogFixture logs = new LogFixture(Path.of(arguments[0]));
            ExecutorService pool = Executors.newFixedThreadPool(WRITERS);
            for (int w = 0; w < WRITERS; w++) {
                String worker = "w" + w;
                pool.execute(() -> {
                    for (int batch = 0; ; batch++) {
                        write(logs, worker, batch);
                    }
                });
            }
        }

        private static void write(LogFixture logs, String worker, int batch) {
            try {
                System.out.println("sent " + worker + "." + batch + ";");
                logs.say(worker, batch, worker + "." + batch);
                System.out.println("done " + worker + "." + batch + ";");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Test
    void whatWasAcknowledgedOutlivesAKill() throws Exception {
        Process victim = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Victim.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> sent = new ArrayList<>();
        List<String> acknowledged = new ArrayList<>();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(victim.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                // The kill may cut the last line.
                if (line.endsWith(";")) {
                    List<String> batches = line.startsWith("sent ") ? sent : acknowledged;
                    batches.add(line.substring(5, line.length() - 1));
                }
                if (acknowledged.size() == ACKNOWLEDGED_BEFORE_KILL) {
                    victim.toHandle().destroyForcibly();
                }
            }
        } finally {
            victim.destroyForcibly().waitFor();
        }
        try (LogFixture logs = new LogFixture(directory)) {
            List<String> stored = logs.messages("limit", "10000");
            assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(ACKNOWLEDGED_BEFORE_KILL);
            assertThat(stored).doesNotHaveDuplicates().containsAll(acknowledged);
            assertThat(new HashSet<>(sent)).containsAll(stored);
        }
    }
}

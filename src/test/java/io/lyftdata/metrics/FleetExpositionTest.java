package io.lyftdata.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

public class FleetExpositionTest {
    @TempDir
    Path directory;

    private MetricsFixture fixture;

    @BeforeEach
    void open() throws Exception {
        fixture = new MetricsFixture(directory);
    }

    @AfterEach
    void close() throws Exception {
        fixture.close();
    }

    @Test
    void groupsFamiliesUnderOneHead() throws Exception {
        fixture.put("w1", "# HELP b B.\n# TYPE b gauge\nb 1\na 2\n");
        fixture.put("w2", "# TYPE b gauge\nb 3\n");
        assertThat(fixture.workersOwn()).isEqualTo("""
                        # TYPE a untyped
                        a{worker="w1"} 2
                        # HELP b B.
                        # TYPE b gauge
                        b{worker="w1"} 1
                        b{worker="w2"} 3
                        """);
    }

    @Test
    void saysOfEveryWorkerWhatTheServerKnows() throws Exception {
        fixture.put("w1", "");
        fixture.fleet.add(new WorkerStatus("w2", false, Optional.empty(), ""));
        fixture.fleet.add(new WorkerStatus("w3", false, Optional.empty(), "1\"\\\n"));
        assertThat(fixture.exposition()).isEqualTo("""
                        # HELP lyftdata_worker_up Whether the worker's heartbeats and metrics arrive.
                        # TYPE lyftdata_worker_up gauge
                        lyftdata_worker_up{worker="w1"} 1
                        lyftdata_worker_up{worker="w2"} 0
                        lyftdata_worker_up{worker="w3"} 0
                        # HELP lyftdata_worker_last_seen_timestamp_seconds When the worker's last heartbeat arrived.
                        # TYPE lyftdata_worker_last_seen_timestamp_seconds gauge
                        lyftdata_worker_last_seen_timestamp_seconds{worker="w1"} 1700000000.123
                        # HELP lyftdata_worker_info The worker's product version, as it claims.
                        # TYPE lyftdata_worker_info gauge
                        lyftdata_worker_info{worker="w1",version="0.1.0"} 1
                        lyftdata_worker_info{worker="w3",version="1\\"\\\\ "} 1
                        """);
    }

    @Test
    void theTypeOfMostWorkersStandsAndTheLosersAreCounted() throws Exception {
        fixture.put("w1", "# TYPE a gauge\na 1\n");
        fixture.put("w2", "# TYPE a counter\na 2\n");
        fixture.put("w3", "# TYPE a counter\na 3\n# TYPE b gauge\nb 4\n");
        assertThat(fixture.exposition())
                .contains("# TYPE a counter\na{worker=\"w2\"} 2\na{worker=\"w3\"} 3\n# TYPE b gauge\nb{")
                .doesNotContain("a{worker=\"w1\"}")
                .contains("""
                        # TYPE lyftdata_worker_conflicting_families gauge
                        lyftdata_worker_conflicting_families{worker="w1"} 1
                        """);
    }

    @Test
    void ofEqualsTheTypeSeenFirstStandsAlsoAfterARestart() throws Exception {
        fixture.add("w1");
        fixture.put("w2", "# TYPE a counter\na 2\n");
        fixture.clock.advance(Duration.ofSeconds(1));
        fixture.put("w1", "# TYPE a gauge\na 1\n");
        fixture.clock.advance(Duration.ofSeconds(1));
        fixture.put("w2", "# TYPE a counter\na 3\n");
        assertThat(fixture.workersOwn()).isEqualTo("# TYPE a counter\na{worker=\"w2\"} 3\n");
        fixture.restart();
        assertThat(fixture.workersOwn()).isEqualTo("# TYPE a counter\na{worker=\"w2\"} 3\n");
    }

    @Test
    void aFamilyNeverTakesTheNameOfAnothersSamples() throws Exception {
        fixture.put("w1", "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n");
        fixture.put("w2", "# TYPE a_count counter\na_count 7\n");
        assertThat(fixture.workersOwn()).contains("a_count{worker=\"w1\"} 1").doesNotContain("a_count 7", "counter");
    }

    @Test
    void promtoolFindsNothingToSay() throws Exception {
        Path promtool = Path.of("/usr/bin/promtool");
        assumeThat(promtool).isExecutable();
        fixture.fleet.add(new WorkerStatus("w3", false, Optional.empty(), "1\"\\\n"));
        String own = """
                # HELP a_total A \\\\ and \\n.
                # TYPE a_total counter
                a_total{worker="x",path="\\\\\\"\\n ü"} 1e3 1700000000000
                # HELP b_seconds B.
                # TYPE b_seconds histogram
                b_seconds_bucket{le="1"} 1
                b_seconds_bucket{le="+Inf"} 2
                b_seconds_sum 2.5
                b_seconds_count 2
                # HELP c_seconds C.
                # TYPE c_seconds summary
                c_seconds{quantile="0.5"} NaN
                c_seconds_sum 0
                c_seconds_count 0
                """;
        fixture.put("w1", own);
        fixture.put("w2", own);
        fixture.put("w4", "# HELP a_total Another A.\n# TYPE a_total gauge\na_total 1\n");
        Process check = new ProcessBuilder(promtool.toString(), "check", "metrics")
                .redirectErrorStream(true)
                .start();
        try (OutputStream in = check.getOutputStream()) {
            in.write(fixture.exposition().getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(check.waitFor()).as(said).isZero();
        assertThat(said).isEmpty();
    }

    /** The samples of an exposition by series, as an independent reader takes them. */
    private static Map<Map<String, String>, String> read(String exposition) {
        Pattern sample = Pattern.compile("([a-z_:]+)(?:\\{(.*)\\})? (\\S+(?: \\S+)?)");
        Pattern label = Pattern.compile("([a-z_]+)=\"((?:[^\"\\\\]|\\\\.)*)\",?");
        Map<Map<String, String>, String> samples = new HashMap<>();
        for (String line : exposition.lines().toList()) {
            if (line.startsWith("#")) {
                continue;
            }
            Matcher matcher = sample.matcher(line);
            assertThat(matcher.matches()).as(line).isTrue();
            Map<String, String> series = new TreeMap<>(Map.of("__name__", matcher.group(1)));
            Matcher labels = label.matcher(matcher.group(2) == null ? "" : matcher.group(2));
            while (labels.find()) {
                if (!labels.group(2).isEmpty()) {
                    assertThat(series.put(labels.group(1), labels.group(2))).isNull();
                }
            }
            assertThat(samples.put(series, matcher.group(3))).as(line).isNull();
        }
        return samples;
    }

    private static final String[] VALUES = {
        "1", "-2.5e-7", "NaN", "+Inf", "-Inf", "12345678901234567890", "7 1395066363000"
    };
    private static final String[] TEXTS = {"", "x", "y z", "\\\\", "\\\"", "\\n", "ü{},=", "é€😀"};
    private static final String[] LABELS = {"job", "worker", "exported_worker", "exported_exported_worker", "z", "_a"};

    /** A random exposition, whose samples are added to what is expected of the fleet's. */
    private static String write(Random random, String worker, Map<Map<String, String>, String> expected) {
        StringBuilder samples = new StringBuilder();
        Set<String> families = new HashSet<>();
        for (int i = random.nextInt(20); i >= 0; i--) {
            String name = "abcde".charAt(random.nextInt(5)) + "_total";
            Map<String, String> series = new TreeMap<>(Map.of("__name__", name, "worker", worker));
            StringBuilder labels = new StringBuilder();
            for (String label : LABELS) {
                if (random.nextInt(3) == 0) {
                    String text = TEXTS[random.nextInt(TEXTS.length)];
                    labels.append(label).append("=\"").append(text).append("\",");
                    if (!text.isEmpty()) {
                        series.put(label.endsWith("worker") ? "exported_" + label : label, text);
                    }
                }
            }
            String value = VALUES[random.nextInt(VALUES.length)];
            if (expected.putIfAbsent(series, value) == null) {
                samples.append(name + "{" + labels + "} " + value + "\n");
                families.add("# TYPE " + name + " counter\n");
            }
        }
        return String.join("", families) + samples;
    }

    @Test
    void noSampleIsLostOrChangedOnItsWay() throws Exception {
        Random random = new Random(4);
        for (int round = 0; round < 300; round++) {
            Map<Map<String, String>, String> expected = new HashMap<>();
            for (int worker = 0; worker < 4; worker++) {
                fixture.put("w" + worker, write(random, "w" + worker, expected));
            }
            assertThat(read(fixture.workersOwn())).isEqualTo(expected);
        }
    }
}

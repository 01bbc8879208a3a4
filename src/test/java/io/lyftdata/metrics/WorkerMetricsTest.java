package io.lyftdata.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.host.Space;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

public class WorkerMetricsTest {
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
    void newMetricsReplaceTheOldWholly() throws Exception {
        fixture.put("w", "a 1\nb 2\n");
        fixture.put("w", "a 3\n");
        assertThat(fixture.workersOwn()).isEqualTo("# TYPE a untyped\na{worker=\"w\"} 3\n");
    }

    @Test
    void refusedMetricsLeaveTheOldOnesInPlace() throws Exception {
        fixture.put("w", "a 1\n");
        assertThatThrownBy(() -> fixture.put("w", "a 2\na 3\n")).hasMessageStartingWith("metrics line 2: ");
        assertThat(fixture.workersOwn()).contains("a{worker=\"w\"} 1");
    }

    @Test
    void keepsMetricsOverARestart() throws Exception {
        fixture.put("w", "a 1\n");
        fixture.put("w", "a 2\n");
        String before = fixture.exposition();
        fixture.restart();
        assertThat(fixture.exposition()).isEqualTo(before).contains("a{worker=\"w\"} 2");
    }

    @Test
    void staleMetricsLeaveAfterThreeIntervalsButTheWorkerStays() throws Exception {
        fixture.put("w", "a 1\n");
        fixture.clock.advance(Duration.ofMinutes(3));
        assertThat(fixture.workersOwn()).isNotEmpty();
        fixture.clock.advance(Duration.ofMillis(1));
        assertThat(fixture.workersOwn()).isEmpty();
        assertThat(fixture.exposition()).contains("lyftdata_worker_up{worker=\"w\"} 0");
        fixture.metrics.sweep();
        fixture.clock.advance(Duration.ofMinutes(-1));
        fixture.restart();
        assertThat(fixture.workersOwn()).isEmpty();
    }

    @Test
    void tellsAWorkerWhichOfItsFamiliesAreNotShown() throws Exception {
        fixture.put("w1", "# TYPE a gauge\na 1\n");
        fixture.put("w2", "# TYPE a counter\na 2\n");
        fixture.put("w3", "# TYPE a counter\na 3\nb 4\n");
        fixture.metrics.sweep();
        assertThat(fixture.put("w1", "# TYPE a gauge\na 1\nb 2\n")).containsExactly("a");
        assertThat(fixture.put("w2", "# TYPE a counter\na 2\n")).isEmpty();
        assertThat(fixture.metrics.conflicts()).isEqualTo(1);
        assertThat(fixture.put("w1", "# TYPE a counter\na 1\n")).isEmpty();
        fixture.metrics.sweep();
        assertThat(fixture.metrics.conflicts()).isZero();
        assertThat(fixture.metrics.workers()).isEqualTo(3);
        assertThat(fixture.metrics.pushes()).isEqualTo(6);
    }

    @Test
    void keepsWhatWasSweptWhenTheProcessIsKilled() throws Exception {
        fixture.put("w", "a 1\n");
        fixture.put("gone", "b 1\n");
        fixture.metrics.sweep();
        fixture.clock.advance(Duration.ofMinutes(3).plusMillis(1));
        fixture.put("w", "a 2\n");
        fixture.metrics.sweep();
        fixture.put("w", "a 3\n");
        fixture.kill();
        assertThat(fixture.workersOwn()).isEqualTo("# TYPE a untyped\na{worker=\"w\"} 2\n");
    }

    @Test
    void aDamagedFileDoesNotKeepTheServerFromStarting() throws Exception {
        fixture.put("w", "a 1\n");
        fixture.metrics.stop();
        Files.write(directory.resolve("metrics.db"), new byte[8192]);
        fixture.open();
        assertThat(fixture.workersOwn()).isEmpty();
        fixture.put("w", "a 2\n");
        assertThat(fixture.workersOwn()).contains("a{worker=\"w\"} 2");
    }

    @Test
    void onlyTheOwnerMayReadTheFile() throws Exception {
        fixture.put("w", "a 1\n");
        for (String name : new String[] {"metrics.db", "metrics.db-wal", "metrics.db-shm"}) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(name))))
                    .as(name)
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void tooManyBytesAreTooMany() {
        byte[] body = new byte[ExpositionParser.MAX_BYTES + 1];
        assertThatThrownBy(() -> fixture.metrics.put("w", new ByteArrayInputStream(body)))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo(Code.BODY_TOO_LARGE));
    }

    @Test
    void nothingIsTakenWhileTheDiskIsFull() throws Exception {
        Space space = new Space(() -> 99);
        WorkerMetrics metrics =
                new WorkerMetrics(directory.resolve("full"), new MetricsConfig(null), space, fixture.clock);
        metrics.start();
        assertThat(space.exhausted().code()).isEqualTo(Code.STORAGE_FULL);
        assertThatThrownBy(() -> metrics.put("w", new ByteArrayInputStream(new byte[0])))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo(Code.STORAGE_FULL));
        metrics.stop();
    }
}

package io.lyftdata.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.audit.Event;
import io.lyftdata.db.Reserve;
import io.lyftdata.host.Space;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

public class LogSweeperTest {
    @TempDir
    Path directory;

    private LogFixture logs;
    private LogSweeper sweeper;
    private int staleSweeps;
    private final List<Event> records = new ArrayList<>();

    @BeforeEach
    void open() throws Exception {
        logs = new LogFixture(directory);
        sweeper =
                new LogSweeper(logs.store, logs.space, () -> new LogConfig(30, 80), () -> staleSweeps++, records::add);
        for (int day = 0; day < 5; day++) {
            logs.say("w", day, "day" + day);
            logs.clock.advance(Duration.ofDays(1));
        }
    }

    @AfterEach
    void close() throws Exception {
        logs.close();
    }

    @Test
    void wholeDaysGoAfterTheirRetentionAndNotBefore() throws Exception {
        logs.clock.advance(Duration.ofDays(25));
        sweeper.sweep();
        assertThat(logs.messages()).startsWith("day0");
        logs.clock.advance(Duration.ofDays(2));
        sweeper.sweep();
        assertThat(logs.messages()).containsExactly("day2", "day3", "day4");
        assertThat(directory.resolve("logs/logs-2026-11-24.db")).doesNotExist();
        assertThat(staleSweeps).isEqualTo(2);
    }

    private List<String> recorded() {
        return records.stream()
                .map(event -> event.action() + " " + event.subject())
                .toList();
    }

    @Test
    void whatAgeTakesIsAnnouncedADayBeforeAndRecordedOnce() throws Exception {
        logs.clock.advance(Duration.ofDays(24));
        sweeper.sweep();
        assertThat(recorded()).isEmpty();
        logs.clock.advance(Duration.ofDays(1));
        assertThat(sweeper.nextPruning()).contains(Instant.parse("2026-12-24T00:00:00Z"));
        sweeper.sweep();
        sweeper.sweep();
        assertThat(recorded()).containsExactly("LOGS_PRUNING_ANNOUNCED logs of 2026-11-23");
        assertThat(logs.messages()).startsWith("day0");
        logs.clock.advance(Duration.ofDays(1));
        sweeper.sweep();
        assertThat(recorded())
                .containsExactly(
                        "LOGS_PRUNING_ANNOUNCED logs of 2026-11-23",
                        "LOGS_PRUNED logs of 2026-11-23",
                        "LOGS_PRUNING_ANNOUNCED logs of 2026-11-24");
    }

    @Test
    void whatTheDiskTakesIsAnnouncedWhileSomePercentAreLeft() throws Exception {
        logs.used = 76;
        sweeper.sweep();
        sweeper.sweep();
        assertThat(recorded()).containsExactly("LOGS_PRUNING_ANNOUNCED logs of 2026-11-23");
        assertThat(logs.messages()).startsWith("day0");
    }

    @Test
    void nothingGoesWithoutARecord() throws Exception {
        LogSweeper unrecorded = new LogSweeper(logs.store, logs.space, () -> new LogConfig(30, 80), () -> {}, event -> {
            throw new IllegalStateException("the audit log is full");
        });
        logs.used = 81;
        assertThatThrownBy(unrecorded::sweep).isInstanceOf(IllegalStateException.class);
        assertThat(logs.messages()).startsWith("day0");
    }

    @Test
    void aCursorOutlivesTheLinesItPointsTo() throws Exception {
        String cursor = logs.read(Optional.empty()).get(1).get("cursor").textValue();
        logs.clock.advance(Duration.ofDays(28));
        sweeper.sweep();
        assertThat(logs.messages("cursor", cursor)).containsExactly("day3", "day4");
    }

    @Test
    void theNewestDayStaysAndTelemetryIsRefusedWhileTheDiskIsFull() throws Exception {
        logs.used = 81;
        sweeper.sweep();
        assertThat(logs.messages()).containsExactly("day4");
        assertThatThrownBy(() -> logs.say("w", 9, "more")).isInstanceOfSatisfying(Refusal.class, refusal -> {
            assertThat(refusal.code()).isEqualTo(Code.STORAGE_FULL);
            assertThat(refusal.retryAfter()).isPresent();
        });
        logs.used = 80;
        sweeper.sweep();
        logs.say("w", 9, "more");
        assertThat(logs.messages()).containsExactly("day4", "more");
    }

    @Test
    void onlyAsManyDaysGoAsTheDiskNeeds() throws Exception {
        Space space = new Space(
                () -> directory.resolve("logs/logs-2026-11-24.db").toFile().exists() ? 90 : 70);
        new LogSweeper(logs.store, space, () -> new LogConfig(30, 80), () -> {}, records::add).sweep();
        assertThat(logs.messages()).containsExactly("day2", "day3", "day4");
        space.require();
    }

    @Test
    void theDiskOfADirectoryIsMeasured() {
        assertThat(Space.of(directory, new Reserve(directory.resolve("reserve")))
                        .isAbove(0))
                .isTrue();
        assertThat(Space.of(directory, new Reserve(directory.resolve("reserve")))
                        .isAbove(100))
                .isFalse();
    }
}

package io.lyftdata.posture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.codahale.metrics.MetricRegistry;
import io.lyftdata.api.posture.Report;
import io.lyftdata.api.posture.Report.State;
import io.lyftdata.api.posture.Severity;
import io.lyftdata.audit.Audit;
import io.lyftdata.auth.Caller;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.MovableClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the report says of findings, waivers and checks that fail, and what of it is recorded. */
class PostureTest {
    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock();
    private final DatabaseOpener opener = new DatabaseOpener();
    private final Planted first = new Planted("first-check", Severity.HIGH);
    private final Planted second = new Planted("second-check", Severity.LOW);
    private final MetricRegistry metrics = new MetricRegistry();
    private List<Waiver> waivers = List.of();
    private Database database;
    private Posture posture;

    /** Finds what a test plants. */
    private static final class Planted implements PostureCheck {
        private final Rule rule;
        private List<String> subjects = List.of();
        private boolean isBroken;
        private String thread;
        private Runnable begins = () -> {};

        private Planted(String id, Severity severity) {
            rule = new Rule(id, severity, "what is planted", "“because”", "dig it out");
        }

        @Override
        public Rule rule() {
            return rule;
        }

        @Override
        public List<Finding> find() throws IOException {
            thread = Thread.currentThread().getName();
            begins.run();
            if (isBroken) {
                throw new IOException("no such disk");
            }
            return subjects.stream()
                    .map(subject -> new Finding(subject, "it is wrong", "lyftdata mend " + subject))
                    .toList();
        }

        private void plant(String... those) {
            subjects = List.of(those);
        }
    }

    private void open(Engine engine) {
        database = engine.open(opener, directory);
        Audit audit = new Audit(database, "0".repeat(32), clock);
        posture = new Posture(database, audit, clock, List.of(first, second), () -> waivers);
        posture.register(metrics);
    }

    @AfterEach
    void close() throws Exception {
        opener.close();
    }

    private Report.Check check(Report report, String id) {
        return report.checks().stream()
                .filter(check -> check.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private Object gauge(String name) {
        return metrics.getGauges().get("posture.findings." + name).getValue();
    }

    private List<String> records() {
        return database.read(
                tx -> tx.createQuery("SELECT difference FROM audit WHERE action = 'POSTURE_CHECKED' ORDER BY position")
                        .mapTo(String.class)
                        .list());
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void countsBySeverityAndNamesWhatToDo(Engine engine) {
        open(engine);
        assertThat(gauge("high")).as("nobody has looked yet").isNull();
        first.plant("a", "b");
        second.plant("c");
        Report report = posture.look();
        assertThat(report.findings()).isEqualTo(new Report.Counts(2, 0, 1));
        assertThat(report.checks())
                .extracting(Report.Check::id)
                .containsExactly("first-check", "second-check", "waivers");
        assertThat(check(report, "first-check").findings())
                .containsExactly(
                        new Report.Finding("a", "it is wrong", "lyftdata mend a", null, null),
                        new Report.Finding("b", "it is wrong", "lyftdata mend b", null, null));
        assertThat(check(report, "waivers").state()).isEqualTo(State.CLEAR);
        assertThat(gauge("high")).isEqualTo(2L);
        assertThat(gauge("medium")).isEqualTo(0L);
        assertThat(gauge("check.second-check")).isEqualTo(1L);
        assertThat(records()).as("looking is no change").isEmpty();
        first.plant();
        assertThat(posture.look().findings()).isEqualTo(new Report.Counts(0, 0, 1));
        assertThat(gauge("high")).isEqualTo(0L);
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aCheckThatFailsIsAFindingThatNoWaiverCovers(Engine engine) {
        open(engine);
        first.isBroken = true;
        waivers = List.of(new Waiver("first-check", null, "we know", "2026-12-31"));
        Report report = posture.look();
        assertThat(check(report, "first-check").state()).isEqualTo(State.FAILED);
        assertThat(report.findings()).isEqualTo(new Report.Counts(1, 0, 0));
        assertThat(check(report, "first-check").findings().get(0).sentence())
                .contains("could not look")
                .doesNotContain("no such disk");
        assertThat(check(report, "second-check").state())
                .as("the others still look")
                .isEqualTo(State.CLEAR);
        assertThat(second.thread).as("where it may hang").isEqualTo("posture-second-check");
    }

    @ParameterizedTest
    @EnumSource(value = Engine.class, names = "SQLITE")
    void aCheckThatHangsFailsAndHangsOnlyOnce(Engine engine) {
        open(engine);
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger looks = new AtomicInteger();
        PostureCheck hanging = new PostureCheck() {
            @Override
            public Rule rule() {
                return first.rule();
            }

            @Override
            public List<Finding> find() throws IOException {
                looks.incrementAndGet();
                try {
                    end.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                return List.of();
            }
        };
        BoundedCheck bounded = new BoundedCheck(hanging);
        long past = System.nanoTime();
        bounded.begin(Duration.ofMillis(100));
        assertThatThrownBy(() -> bounded.end(past))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has not ended");
        bounded.begin(Duration.ofMillis(100));
        assertThatThrownBy(() -> bounded.end(past))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("still hangs");
        assertThat(looks).hasValueLessThanOrEqualTo(1);
        end.countDown();
        await().atMost(Duration.ofSeconds(60))
                .ignoreExceptionsInstanceOf(IOException.class)
                .untilAsserted(() -> {
                    bounded.begin(Duration.ofSeconds(60));
                    assertThat(bounded.end(System.nanoTime())).isEmpty();
                });
    }

    @ParameterizedTest
    @EnumSource(value = Engine.class, names = "SQLITE")
    void aSlowCheckHoldsUpNoOtherAndIsWaitedForInTheEnd(Engine engine) throws IOException {
        open(engine);
        CountDownLatch others = new CountDownLatch(1);
        second.begins = () -> {
            try {
                others.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        second.plant("late");
        BoundedCheck slow = new BoundedCheck(second);
        slow.begin(Duration.ofMillis(1));
        others.countDown();
        assertThat(slow.end(System.nanoTime() + Duration.ofSeconds(60).toNanos()))
                .extracting(Finding::subject)
                .containsExactly("late");
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aWaiverCoversUntilItsLastDayAndNoLonger(Engine engine) {
        open(engine);
        first.plant("a", "b");
        waivers = List.of(new Waiver("first-check", "a", "until the move", "2026-11-24"));
        Report report = posture.look();
        assertThat(report.findings().high()).isEqualTo(1);
        assertThat(report.waived()).isEqualTo(1);
        assertThat(check(report, "first-check").findings().get(0).waiver())
                .isEqualTo(new Report.Waiver("until the move", "2026-11-24"));
        clock.advance(Duration.ofHours(35));
        assertThat(posture.look().waived()).as("23:00 of the last day").isEqualTo(1);
        clock.advance(Duration.ofHours(1));
        report = posture.look();
        assertThat(report.findings()).isEqualTo(new Report.Counts(2, 1, 0));
        assertThat(check(report, "waivers").findings().get(0).sentence()).contains("ended on 2026-11-24");
        waivers = List.of(new Waiver("first-check", null, "all of it", "2026-12-01"));
        assertThat(check(posture.look(), "first-check").state()).isEqualTo(State.WAIVED);
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aWaiverThatCoversNothingOrTooMuchIsAFinding(Engine engine) {
        open(engine);
        waivers = List.of(
                new Waiver("frist-check", null, "a slip", "2026-12-31"),
                new Waiver("first-check", "a", "for ever", "2027-11-24"),
                new Waiver("second-check", null, "for a year", "2027-11-23"));
        assertThat(check(posture.look(), "waivers").findings())
                .extracting(Report.Finding::subject)
                .containsExactly("frist-check", "first-check a");
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void noWaiverCoversTheWaivers(Engine engine) {
        open(engine);
        waivers = List.of(
                new Waiver("frist-check", null, "a slip", "2026-12-31"),
                new Waiver("waivers", null, "all is well", "2026-12-31"));
        assertThat(check(posture.look(), "waivers").count()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void theRecordHoldsWhatCameAndWhatWent(Engine engine) {
        open(engine);
        first.plant("a", "b");
        posture.record(Caller.host());
        String came = clock.instant().toString();
        clock.advance(Duration.ofDays(1));
        first.plant("b");
        second.plant("c");
        Report report = posture.record(Caller.host());
        clock.advance(Duration.ofDays(1));
        posture.record(Caller.server());
        assertThat(records())
                .containsExactly(
                        "{\"findings\":{\"after\":{\"high\":2,\"medium\":0,\"low\":0}},\"waived\":{\"after\":0},"
                                + "\"first-check\":{\"after\":[\"a\",\"b\"]}}",
                        "{\"findings\":{\"after\":{\"high\":1,\"medium\":0,\"low\":1}},\"waived\":{\"after\":0},"
                                + "\"first-check\":{\"before\":[\"a\"]},\"second-check\":{\"after\":[\"c\"]}}",
                        "{\"findings\":{\"after\":{\"high\":1,\"medium\":0,\"low\":1}},\"waived\":{\"after\":0}}");
        assertThat(check(report, "first-check").findings().get(0).since()).isEqualTo(came);
        assertThat(check(report, "second-check").findings().get(0).since())
                .isEqualTo(clock.instant().minus(Duration.ofDays(1)));
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aRunIsRecordedOnceADayAlsoOverRestarts(Engine engine) {
        open(engine);
        PostureSweeper sweeper = new PostureSweeper(posture);
        for (int hour = 0; hour < 72; hour++) {
            sweeper.sweep();
            clock.advance(Duration.ofHours(1));
            if (hour == 30) {
                Audit audit = new Audit(database, "0".repeat(32), clock);
                posture = new Posture(database, audit, clock, List.of(first, second), () -> waivers);
                sweeper = new PostureSweeper(posture);
            }
        }
        assertThat(records()).hasSize(3);
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void manyFindingsAreCountedAndNotAllListed(Engine engine) {
        open(engine);
        first.subjects = new ArrayList<>(
                IntStream.range(0, 15_000).mapToObj(i -> "w" + i).toList());
        Report report = posture.record(Caller.server());
        assertThat(check(report, "first-check").count()).isEqualTo(15_000);
        assertThat(check(report, "first-check").findings()).hasSize(100);
        assertThat(records().get(0)).contains("\"w19\",\"and 14980 more\"").hasSizeLessThan(1_000);
    }

    @ParameterizedTest
    @EnumSource(value = Engine.class, names = "SQLITE")
    void refusesWaiversThatSayTooLittle(Engine engine) {
        for (String[] bad : new String[][] {
            {null, "r", "2026-12-31"},
            {"c", "", "2026-12-31"},
            {"c", "r".repeat(201), "2026-12-31"},
            {"c", "r", null},
            {"c", "r", "soon"},
            {"c", "r", "2026-2-30"},
            {"c", "r", "2026-02-30"}
        }) {
            assertThatThrownBy(() -> new Waiver(bad[0], null, bad[1], bad[2]))
                    .as(Arrays.toString(bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("waiver");
        }
    }
}

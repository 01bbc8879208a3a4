package io.lyftdata.clone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import inet.ipaddr.IPAddressString;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Origin;
import io.lyftdata.auth.Role;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.MovableClock;
import io.lyftdata.testing.TestLedger;
import io.lyftdata.worker.Admission;
import io.lyftdata.worker.Isolation;
import io.lyftdata.worker.Sentence;
import io.lyftdata.worker.Sighting;
import io.lyftdata.worker.Workers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two who act as one worker are noticed; one who restarts, sleeps or waits long is not taken for two. */
class ClonesTest {
    private static final String A = "a".repeat(32);
    private static final String B = "b".repeat(32);
    private static final String C = "c".repeat(32);

    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock();
    private final AtomicLong ticks = new AtomicLong();
    private final DatabaseOpener opener = new DatabaseOpener();
    /** Requests that wait for their answer. */
    private final Deque<Runnable> slow = new ArrayDeque<>();

    private Database database;
    private Workers workers;
    private Isolation isolation;
    private Clones clones;

    private void open(Engine engine, boolean isolates) {
        database = engine.open(opener, directory);
        Audit audit = new Audit(database, "00000000000000000000000000000000", clock);
        Restrictions restrictions = TestLedger.restrictions(directory, database, audit, clock);
        isolation = new Isolation(restrictions, clock);
        workers = new Workers(database, audit, isolation, clock, Duration.ofSeconds(45));
        clones = new Clones(
                database,
                audit,
                workers,
                isolation,
                clock,
                new Clones.Rules(isolates, Duration.ofSeconds(45), ticks::get));
        for (String id : List.of("web-1", "web-2")) {
            database.write(tx -> {
                workers.add(tx, Caller.server(), id, Map.of());
                workers.admit(tx, Caller.server(), id, "identity of " + id, null, new Admission("s", "192.0.2.1"));
                return null;
            });
        }
    }

    @AfterEach
    void close() throws Exception {
        opener.close();
    }

    private static Caller worker(String id, String address) {
        Origin origin = new Origin(Optional.of(new IPAddressString(address).getAddress()), Optional.empty());
        return new Caller(Caller.Kind.WORKER, id, Role.WORKER, "k", origin);
    }

    private static Caller web1() {
        return worker("web-1", "192.0.2.1");
    }

    /** A request that begins now. */
    private void beat(String instance) {
        answer(instance, ticks.incrementAndGet());
    }

    /** A request that began then is answered now. */
    private void answer(String instance, long begun) {
        clones.watch(web1(), instance, begun, () -> {
            ticks.incrementAndGet();
            workers.sightings().see(sighting(instance));
            return null;
        });
    }

    private Sighting sighting(String instance) {
        return new Sighting("web-1", clock.instant(), "192.0.2.1", instance, "1", 1, "ca", Map.of(), 0);
    }

    private List<String> records() {
        return database.read(
                tx -> tx.createQuery("SELECT subject || ' ' || difference FROM audit WHERE action = 'WORKER_CLONED'")
                        .mapTo(String.class)
                        .list());
    }

    private static void assertIsolated(Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo(Code.WORKER_ISOLATED));
    }

    @ParameterizedTest
    @EnumSource
    void raisesTheAlarmWhenBothComeBackWithinAnHour(Engine engine) {
        open(engine, false);
        for (String instance : List.of(A, B, A)) {
            beat(instance);
            assertThat(clones.open())
                    .as("A then B is a restart, and once is no proof")
                    .isEmpty();
        }
        clock.advance(Duration.ofMinutes(59));
        beat(B);
        assertThat(clones.open()).containsExactly("web-1");
        assertThat(records()).singleElement().asString().contains("web-1", A, B, "192.0.2.1");
        beat(A);
        beat(B);
        assertThat(records()).as("known already").hasSize(1);
        assertThat(isolation.of("web-1")).as("only if it is configured").isEmpty();
        clock.advance(Duration.ofHours(25));
        assertThat(clones.open()).as("a day without a sign").isEmpty();
    }

    @Test
    void twoReturnsFarApartAreNoClone() {
        open(Engine.SQLITE, false);
        for (String instance : List.of(A, B, A, B)) {
            beat(instance);
            clock.advance(Duration.ofMinutes(61));
        }
        beat(A);
        assertThat(records()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void isolatesThatWorkerAloneWhenConfigured(Engine engine) {
        open(engine, true);
        for (String instance : List.of(A, B, A)) {
            beat(instance);
        }
        assertIsolated(() -> beat(B));
        assertThat(isolation.of("web-1")).isPresent();
        assertThat(isolation.of("web-2")).isEmpty();
        assertThat(records()).hasSize(1);
        assertThat(clones.open()).as("decided already").isEmpty();
    }

    @Test
    void whatAnOperatorDecidesOfTheWorkerClosesTheAlarmAndItIsRaisedAnew() {
        open(Engine.SQLITE, false);
        for (String instance : List.of(A, B, A, B)) {
            beat(instance);
        }
        isolation.isolate(
                Caller.server(), List.of(new Isolation.Target("web-1", null)), new Sentence("looking into it", null));
        assertThat(clones.open()).isEmpty();
        isolation.release(Caller.server(), List.of("web-1"));
        assertThat(clones.open()).isEmpty();
        beat(A);
        assertThat(clones.open()).containsExactly("web-1");
        assertThat(records()).hasSize(2);
        database.write(tx -> {
            workers.endIdentity(tx, "web-1");
            return null;
        });
        assertThat(clones.open()).as("reset").isEmpty();
    }

    /** 1,000 times what honest workers do: restart, sleep, wait long for an answer while another process has begun. */
    @Test
    void honestWorkersRaiseNoAlarm() {
        open(Engine.SQLITE, true);
        Random random = new Random(20261127);
        String current = Randomness.hex(128);
        for (int i = 0; i < 1000; i++) {
            beat(current);
            switch (random.nextInt(4)) {
                case 0 -> current = Randomness.hex(128);
                case 1 -> clock.advance(Duration.ofMinutes(random.nextInt(120)));
                case 2 -> {
                    String asking = current;
                    long begun = ticks.incrementAndGet();
                    slow.add(() -> answer(asking, begun));
                    current = random.nextBoolean() ? Randomness.hex(128) : current;
                }
                default ->
                    slow.removeIf(answer -> {
                        answer.run();
                        return true;
                    });
            }
            clock.advance(Duration.ofSeconds(15));
        }
        assertThat(records()).isEmpty();
        assertThat(isolation.of("web-1")).isEmpty();
    }

    @Test
    void anAnswerThatComesLateDoesNotMakeTheOldProcessTheCurrentOne() {
        open(Engine.SQLITE, false);
        beat(A);
        long begun = ticks.incrementAndGet();
        beat(B);
        for (int i = 0; i < 3; i++) {
            answer(A, begun);
            beat(B);
        }
        assertThat(records()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aRecoveryBesideALivingWorkerRaisesTheAlarmBeforeItIsGranted(Engine engine) {
        open(engine, false);
        beat(A);
        clones.recovering(web1(), A, false);
        clones.recovering(web1(), A, true);
        clones.recovering(web1(), B, false);
        assertThat(records())
                .as("the key was refused, and the worker restarted")
                .isEmpty();
        clones.recovering(web1(), B, true);
        assertThat(records()).singleElement().asString().contains(A, B);
    }

    @Test
    void aRecoveryFromElsewhereRaisesItWhileTheWorkerLives() {
        open(Engine.SQLITE, true);
        beat(C);
        Caller elsewhere = worker("web-1", "198.51.100.9");
        clock.advance(Duration.ofSeconds(45));
        clones.recovering(elsewhere, B, false);
        assertThat(records()).as("silent: it may have moved").isEmpty();
        beat(C);
        assertIsolated(() -> clones.recovering(elsewhere, null, false));
        assertThat(records()).singleElement().asString().contains(C);
    }
}

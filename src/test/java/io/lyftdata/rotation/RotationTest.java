package io.lyftdata.rotation;

import static io.lyftdata.rotation.KeyFixture.ADMIN;
import static io.lyftdata.rotation.KeyFixture.INSTALLATION;
import static io.lyftdata.rotation.KeyFixture.assertRefused;
import static io.lyftdata.rotation.KeyFixture.next;
import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.api.Code;
import io.lyftdata.api.WorkerKey;
import io.lyftdata.api.rotation.Rotation.Progress;
import io.lyftdata.api.rotation.Rotation.Wish;
import io.lyftdata.auth.Caller;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.db.Paging;
import io.lyftdata.rotation.KeyFixture.Host;
import io.lyftdata.rotation.RotateWorkerKeysTask.Arguments;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.MovableClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Keys that follow each other: the server's half, on both databases. */
class RotationTest {
    private static final Duration OVERLAP = Duration.ofMinutes(10);
    private static final Duration MAXIMUM_AGE = Duration.ofDays(30);

    @TempDir
    Path directory;

    private KeyFixture server;

    private void open(Engine engine) {
        server = KeyFixture.open(engine, directory);
    }

    private static Wish all(String deadline, String overlap) {
        return new Wish(null, null, true, deadline, overlap);
    }

    @AfterEach
    void close() throws Exception {
        server.close();
    }

    @ParameterizedTest
    @EnumSource
    void theOldKeyCountsUntilTheOverlapEndsAndNotAMillisecondMore(Engine engine) {
        open(engine);
        Host host = server.enroll("alpha");
        KeyString second = next();
        server.put(host, second);
        assertThat(server.use(host.key()).id()).isEqualTo("alpha");
        server.clock.advance(Duration.ofDays(1));
        assertThat(server.use(second).id()).isEqualTo("alpha");
        Instant end = server.clock.instant().plus(OVERLAP);
        for (Duration before : List.of(Duration.ofSeconds(1), Duration.ofMillis(1))) {
            server.clock.set(end.minus(before));
            assertThat(server.use(host.key()).id()).isEqualTo("alpha");
        }
        for (Duration after : List.of(Duration.ZERO, Duration.ofMillis(1), Duration.ofDays(300))) {
            server.clock.set(end.plus(after));
            assertRefused(Code.KEY_EXPIRED, () -> server.use(host.key()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aKeyIsRefusedAtItsMaximumAge(Engine engine) {
        open(engine);
        Host host = server.enroll("alpha");
        Instant end = server.clock.instant().plus(MAXIMUM_AGE);
        for (Duration before : List.of(Duration.ofSeconds(1), Duration.ofMillis(1))) {
            server.clock.set(end.minus(before));
            assertThat(server.use(host.key()).id()).isEqualTo("alpha");
        }
        for (Duration after : List.of(Duration.ZERO, Duration.ofMillis(1))) {
            server.clock.set(end.plus(after));
            assertRefused(Code.KEY_EXPIRED, () -> server.use(host.key()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theSameCallAnswersTheSameAndAnotherReplacesTheKeyThatWaits(Engine engine) {
        open(engine);
        Host host = server.enroll("alpha");
        KeyString lost = next();
        KeyString second = next();
        server.put(host, lost);
        server.put(host, lost);
        server.put(host, second);
        assertRefused(Code.KEY_REVOKED, () -> server.use(lost));
        assertRefused(Code.UNPROCESSABLE, () -> server.put(host, lost));
        server.use(second);
        server.put(host, second); // its answer was lost, and the worker asks again
        assertRefused(Code.CONFLICT, () -> server.put(host, next()));
        assertRefused(Code.UNPROCESSABLE, () -> server.put(host.with(second), second));
        KeyString third = next();
        server.put(host.with(second), third);
        server.use(third);
        assertRefused(Code.KEY_REVOKED, () -> server.use(host.key()));
        assertThat(states("alpha")).containsExactlyInAnyOrder("revoked", "revoked", "old", "active");
    }

    private List<String> states(String worker) {
        return server.keys.list(worker, Paging.of(null, null)).items().stream()
                .map(key -> key.state())
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void aStolenKeyAloneRotatesNothing(Engine engine) {
        open(engine);
        Host host = server.enroll("alpha");
        Host thief = server.enroll("thief");
        Caller stolen = server.use(host.key());
        WorkerKey.Request good = server.wish(host, next());
        assertRefused(Code.PROOF_MISSING, () -> server.own.put(stolen, good.signed(null), INSTALLATION));
        assertRefused(Code.PROOF_INVALID, () -> server.own.put(stolen, server.wish(thief, next()), INSTALLATION));
        Host asVictim = new Host("alpha", thief.identity(), host.key());
        assertRefused(Code.PROOF_INVALID, () -> server.own.put(stolen, server.wish(asVictim, next()), INSTALLATION));
        assertRefused(Code.KEY_TAKEN, () -> server.put(host, thief.key()));
        WorkerKey.Request odd = new WorkerKey.Request(
                next().id(), "A".repeat(64), host.identity().publicKey(), 0, "");
        assertRefused(Code.UNPROCESSABLE, () -> server.own.put(stolen, odd, INSTALLATION));
        server.clock.advance(Duration.ofSeconds(121));
        assertRefused(Code.PROOF_EXPIRED, () -> server.own.put(stolen, good, INSTALLATION));
        assertThat(states("alpha")).containsExactly("active");
    }

    @ParameterizedTest
    @EnumSource
    void aKeyIsDueAtHalfItsLifeGiveOrTakeATenth(Engine engine) {
        open(engine);
        List<Host> hosts = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            hosts.add(server.enroll("w" + i));
        }
        Instant start = server.clock.instant();
        Duration half = MAXIMUM_AGE.dividedBy(2);
        server.clock.set(start.plus(half.multipliedBy(9).dividedBy(10)).minusMillis(1));
        assertThat(hosts).noneMatch(host -> server.isDue(host.key()));
        server.clock.set(start.plus(half));
        assertThat(hosts.stream().filter(host -> server.isDue(host.key())).count())
                .isBetween(1L, 19L);
        server.clock.set(start.plus(half.multipliedBy(11).dividedBy(10)).plusMillis(1));
        assertThat(hosts).allMatch(host -> server.isDue(host.key()));
    }

    @ParameterizedTest
    @EnumSource
    void anOrderCoversTheKeysBeforeItAndRefusesThemFromItsDeadlineOn(Engine engine) {
        open(engine);
        Host host = server.enroll("alpha");
        Host late = server.enroll("late");
        KeyString announced = next();
        server.put(host, announced);
        Progress begun = server.rotations.order(ADMIN, all("10m", "0"));
        assertThat(begun.workers()).isEqualTo(2);
        assertThat(begun.confirmed()).isZero();
        assertThat(begun.left()).isEqualTo(Map.of("offline", 2L));
        Instant deadline = server.clock.instant().plus(OVERLAP);
        assertThat(server.isDue(host.key())).isTrue();

        server.use(announced); // it was made before the order, and has to be renewed as well
        assertRefused(Code.KEY_EXPIRED, () -> server.use(host.key()));
        assertThat(server.isDue(announced)).isTrue();
        KeyString renewed = next();
        server.put(host.with(announced), renewed);
        server.use(renewed);
        assertThat(server.isDue(renewed)).isFalse();
        assertRefused(Code.KEY_EXPIRED, () -> server.use(announced));

        server.clock.set(deadline.minusMillis(1));
        assertThat(server.use(late.key()).id()).isEqualTo("late");
        for (Duration after : List.of(Duration.ZERO, Duration.ofMillis(1))) {
            server.clock.set(deadline.plus(after));
            assertRefused(Code.KEY_EXPIRED, () -> server.use(late.key()));
            assertThat(server.use(renewed).id()).isEqualTo("alpha");
        }
        Progress done = server.rotations.progress(1L, Paging.of(null, null));
        assertThat(done.confirmed()).isEqualTo(1);
        assertThat(done.items()).extracting(left -> left.workerId()).containsExactly("late");
    }

    @ParameterizedTest
    @EnumSource
    void anOrderSparesThoseItDoesNotName(Engine engine) {
        open(engine);
        Host inside = server.enroll("inside", Map.of("zone", "dmz"));
        Host outside = server.enroll("outside", Map.of("zone", "lan"));
        server.rotations.order(ADMIN, new Wish(null, Map.of("zone", "dmz"), null, "1m", null));
        assertThat(server.isDue(inside.key())).isTrue();
        assertThat(server.isDue(outside.key())).isFalse();
        server.rotations.order(ADMIN, new Wish("OUTSIDE", null, null, null, null));
        assertThat(server.isDue(outside.key())).isTrue();
        server.clock.advance(Duration.ofMinutes(1));
        assertRefused(Code.KEY_EXPIRED, () -> server.use(inside.key()));
        assertThat(server.use(outside.key()).id()).isEqualTo("outside");
    }

    @ParameterizedTest
    @EnumSource
    void theHostAsksHowFarAnOrderHasComeWithoutGivingAnother(Engine engine) {
        open(engine);
        server.enroll("alpha");
        RotateWorkerKeysTask task = new RotateWorkerKeysTask(server.rotations);
        Progress ordered = task.run(ADMIN, new Arguments(null, null, true, null, null, null));
        Progress asked = task.run(
                ADMIN,
                new Arguments(null, null, null, null, null, ordered.order().number()));
        assertThat(asked).isEqualTo(ordered);
        assertThat(server.rules.orders()).hasSize(1);
        assertRefused(Code.UNPROCESSABLE, () -> task.run(ADMIN, new Arguments(null, null, true, null, null, 1L)));
        assertRefused(Code.NOT_FOUND, () -> task.run(ADMIN, new Arguments(null, null, null, null, null, 2L)));
    }

    @ParameterizedTest
    @EnumSource
    void anOrderThatCannotBeMeantIsRefusedWithItsReason(Engine engine) {
        open(engine);
        Host host = server.enroll("alpha");
        refuse(Code.UNPROCESSABLE, new Wish(null, null, null, null, null));
        refuse(Code.UNPROCESSABLE, new Wish("alpha", null, true, null, null));
        refuse(Code.UNPROCESSABLE, new Wish(null, Map.of("zone", "moon"), null, null, null));
        refuse(Code.UNPROCESSABLE, all("soon", null));
        refuse(Code.UNPROCESSABLE, all(null, "2d"));
        refuse(Code.NOT_FOUND, new Wish("nobody", null, null, null, null));
        refuse(Code.DEADLINE_PASSED, all("0s", null));
        refuse(Code.DEADLINE_PASSED, all("2020-01-01T00:00:00Z", null));
        server.isolate(host);
        refuse(Code.WORKER_ISOLATED, new Wish("alpha", null, null, null, null));
        assertThat(server.rules.orders()).isEmpty();
        assertRefused(Code.WORKER_ISOLATED, () -> server.use(host.key()));
    }

    private void refuse(Code code, Wish wish) {
        assertRefused(code, () -> server.rotations.order(ADMIN, wish));
    }

    @ParameterizedTest
    @EnumSource
    void aLabelHasItsOwnPolicy(Engine engine) {
        RotationConfig policy = new RotationConfig(null, null, List.of("zone=dmz, 2h, 0s", "zone=dmz, 9d"));
        server = new KeyFixture(engine, directory, new MovableClock(), policy);
        Host inside = server.enroll("inside", Map.of("zone", "dmz"));
        Host outside = server.enroll("outside");
        server.clock.advance(Duration.ofMinutes(66));
        assertThat(server.isDue(inside.key())).isTrue();
        assertThat(server.isDue(outside.key())).isFalse();
        KeyString second = next();
        server.put(inside, second);
        server.use(second);
        assertRefused(Code.KEY_EXPIRED, () -> server.use(inside.key()));
        server.clock.advance(Duration.ofHours(2));
        assertRefused(Code.KEY_EXPIRED, () -> server.use(second));
    }

    @ParameterizedTest
    @EnumSource
    void aClockThatIsSetBackProlongsNoKeyAndMakesThemDue(Engine engine) {
        open(engine);
        Instant now = server.clock.instant();
        server.clock.set(now.plus(Duration.ofDays(400)));
        Host early = server.enroll("early");
        server.clock.set(now.plus(Duration.ofHours(12)));
        Host host = server.enroll("alpha");
        KeyString second = next();
        server.put(host, second);
        server.use(second);
        server.clock.set(now);
        assertRefused(Code.KEY_EXPIRED, () -> server.use(host.key()));
        assertRefused(Code.KEY_EXPIRED, () -> server.use(early.key()));
        assertThat(server.use(second).id()).isEqualTo("alpha");
        assertThat(server.isDue(second)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void noMoreAreToldAtATimeThanTheServerTakes(Engine engine) {
        open(engine);
        Host host = server.enroll("alpha");
        server.rotations.order(ADMIN, all("1h", null));
        server.rules.putOffWhile(() -> true);
        assertThat(server.isDue(host.key())).as("the server is busy").isFalse();
        server.rules.putOffWhile(() -> false);
        int told = 0;
        for (int i = 0; i < 1000; i++) {
            told += server.isDue(host.key()) ? 1 : 0;
        }
        assertThat(told).isEqualTo(30);
        server.rules.putOffWhile(() -> true);
        server.clock.advance(Duration.ofMinutes(31));
        for (int i = 0; i < 1000; i++) {
            assertThat(server.isDue(host.key())).as("the deadline is near").isTrue();
        }
    }
}

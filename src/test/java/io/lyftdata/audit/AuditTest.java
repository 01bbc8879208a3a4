package io.lyftdata.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.auth.Addresses;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Origin;
import io.lyftdata.auth.Role;
import io.lyftdata.crypto.Digests;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.ledger.Change;
import io.lyftdata.ledger.Topic;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.MovableClock;
import io.lyftdata.testing.TestLedger;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The chain as it is written, on both databases. */
class AuditTest {
    private static final Caller ADMIN = new Caller(
            Caller.Kind.USER,
            "admin",
            Role.ADMIN,
            "s1",
            new Origin(Addresses.address("192.0.2.1"), Addresses.address("192.0.2.2")));

    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock();
    private final DatabaseOpener opener = new DatabaseOpener();
    private Database database;
    private Audit audit;

    private void open(Engine engine) {
        database = engine.open(opener, directory);
        audit = new Audit(database, "0123456789abcdef0123456789abcdef", clock);
    }

    @AfterEach
    void close() throws SQLException {
        opener.close();
    }

    private List<AuditRecord> records() {
        return database.read(tx -> tx.attach(AuditDao.class).after(0, 1000));
    }

    @ParameterizedTest
    @EnumSource
    void saysWhoDidWhatFromWhereAndHoldsTheHashBefore(Engine engine) {
        open(engine);
        audit.record(ADMIN, Event.of(Action.USER_ADDED, "ann").set("role", "viewer"));
        audit.record(
                Caller.server(),
                Event.of(Action.WORKER_ADDED, "w1").change("labels", Map.of("a", "b"), Map.of("a", "\u2028\n")));

        AuditRecord first = records().get(0);
        assertThat(first.line())
                .isEqualTo("{\"position\":1,\"segment\":\"" + first.segment()
                        + "\",\"time\":\"" + io.lyftdata.api.Times.format(clock.instant())
                        + "\",\"action\":\"USER_ADDED\",\"actorKind\":\"user\",\"actor\":\"admin\",\"keyId\":\"s1\","
                        + "\"address\":\"192.0.2.1\",\"proxy\":\"192.0.2.2\",\"requestId\":\"\",\"subject\":\"ann\","
                        + "\"difference\":{\"role\":{\"after\":\"viewer\"}},\"outcome\":\"done\",\"count\":1,"
                        + "\"previous\":\"" + first.previous() + "\",\"hash\":\"" + first.hash() + "\"}");
        assertThat(first.hash())
                .isEqualTo(Digests.sha256Hex(first.line().replaceFirst(",\"hash\":\"[0-9a-f]{64}\"}$", "}")));
        AuditRecord second = records().get(1);
        assertThat(second.previous()).isEqualTo(first.hash());
        assertThat(second.hash()).isEqualTo(second.computedHash());
        assertThat(second.line()).doesNotContain("\n");
    }

    @ParameterizedTest
    @EnumSource
    void leavesNoRecordOfWhatDidNotHappen(Engine engine) {
        open(engine);
        assertThatThrownBy(() -> database.write(tx -> {
                    audit.record(tx, ADMIN, Event.of(Action.USER_ADDED, "ann"));
                    throw new IllegalStateException("the change fails");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(records()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void manyAtOnceMakeOneChainWithoutGaps(Engine engine) throws Exception {
        open(engine);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Optional<Void>>> tasks = IntStream.range(0, 200)
                    .<Callable<Optional<Void>>>mapToObj(i -> () -> {
                        audit.record(ADMIN, Event.of(Action.USER_ADDED, "user" + i));
                        return Optional.empty();
                    })
                    .toList();
            for (Future<Optional<Void>> done : threads.invokeAll(tasks)) {
                done.get();
            }
        } finally {
            threads.shutdown();
        }
        List<AuditRecord> chain = records();
        assertThat(chain).hasSize(200);
        for (int i = 1; i < chain.size(); i++) {
            assertThat(chain.get(i).position()).isEqualTo(i + 1L);
            assertThat(chain.get(i).previous()).isEqualTo(chain.get(i - 1).hash());
        }
    }

    @ParameterizedTest
    @EnumSource
    void recordsWhatIsFoundAtTheStartOnlyWhenItDiffers(Engine engine) {
        open(engine);
        audit.notice(Action.CERTIFICATE_ISSUED, "certificate", "sha256:1");
        audit.notice(Action.CERTIFICATE_ISSUED, "certificate", "sha256:1");
        audit.notice(Action.CERTIFICATE_ISSUED, "certificate", "sha256:2");
        assertThat(records())
                .extracting(AuditRecord::difference)
                .containsExactly(
                        "{\"certificate\":{\"after\":\"sha256:1\"}}",
                        "{\"certificate\":{\"before\":\"sha256:1\",\"after\":\"sha256:2\"}}");
    }

    @ParameterizedTest
    @EnumSource
    void aRestrictionOnItsWayToTheDatabaseIsNotBroughtToItTwice(Engine engine) {
        open(engine);
        Restrictions restrictions = TestLedger.restrictions(directory, database, audit, clock);
        AtomicInteger followed = new AtomicInteger();
        restrictions.follow(List.of(tx -> followed.incrementAndGet()));
        List<Change> isolated = List.of(new Change(Topic.WORKER, "w", "isolated"));
        AtomicBoolean isBehind = new AtomicBoolean();
        restrictions.restrict(ADMIN, isolated, tx -> {
            isBehind.set(restrictions.isBehind());
            return Event.of(Action.WORKER_ISOLATED, "w");
        });
        assertThat(isBehind).as("the sweep would write it too").isFalse();
        assertThatThrownBy(() -> restrictions.restrict(ADMIN, isolated, tx -> {
                    throw new IllegalStateException("the database is gone");
                }))
                .hasMessageContaining("is in force");
        assertThat(restrictions.isBehind()).isTrue();
        restrictions.catchUp();
        assertThat(restrictions.isBehind()).isFalse();
        assertThat(followed).hasValue(1);
    }
}

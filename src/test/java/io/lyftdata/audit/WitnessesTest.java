package io.lyftdata.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.api.AuditHead;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Origin;
import io.lyftdata.auth.Role;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.MovableClock;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the workers have seen against what the chain holds, on both databases. */
class WitnessesTest {
    private static final String INSTALLATION = "0123456789abcdef0123456789abcdef";
    private static final Caller ADMIN = new Caller(Caller.Kind.USER, "admin", Role.ADMIN, "s1", Origin.NONE);

    @TempDir
    Path directory;

    private int grown;
    private final MovableClock clock = new MovableClock();
    private final AtomicLong ticks = new AtomicLong();
    private final DatabaseOpener opener = new DatabaseOpener();
    private Database database;
    private SigningKey key;
    private Audit audit;
    private Alarms alarms;
    private Refusals refusals;
    private Witnesses witnesses;

    private void open(Engine engine) throws IOException {
        database = engine.open(opener, directory);
        key = SigningKey.open(directory.resolve("signing.key"));
        audit = new Audit(database, INSTALLATION, clock);
        restart();
    }

    private void restart() {
        alarms = new Alarms(database, audit, key);
        refusals = new Refusals(database, audit, clock);
        witnesses = Witnesses.of(database, INSTALLATION, key, alarms, refusals, ticks::get);
    }

    @AfterEach
    void close() throws SQLException {
        opener.close();
    }

    private static Caller worker(String id) {
        return new Caller(Caller.Kind.WORKER, id, Role.WORKER, "k1", Origin.NONE);
    }

    private void grow(int records) {
        for (int i = 0; i < records; i++) {
            audit.record(ADMIN, Event.of(Action.USER_ADDED, "user" + grown++));
        }
    }

    /** The present head, without the second that it may be old. */
    private AuditHead head() {
        ticks.addAndGet(Duration.ofSeconds(1).toNanos());
        return witnesses.head().orElseThrow();
    }

    /** Behind the server's back; a second later no earlier look at the chain counts. */
    private void execute(String sql) {
        database.write(tx -> tx.execute(sql));
        ticks.addAndGet(Duration.ofSeconds(1).toNanos());
    }

    private List<AuditRecord> records() {
        return database.read(tx -> tx.attach(AuditDao.class).after(0, 10_000));
    }

    private List<AuditRecord> records(Action action) {
        return records().stream()
                .filter(record -> record.action().equals(action.name()))
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void aChainThatOnlyGrowsRaisesNothing(Engine engine) throws IOException {
        open(engine);
        assertThat(witnesses.head()).isEmpty();
        AuditHead first = null;
        for (int beat = 0; beat < 1000; beat++) {
            grow(beat % 4 == 0 ? 1 : 0);
            AuditHead head = head();
            first = first == null ? head : first;
            witnesses.hear(worker("w"), head);
            witnesses.hear(worker("sleepy"), first);
        }
        witnesses.hear(worker("new"), null);
        assertThat(alarms.finding()).isEmpty();
        assertThat(records()).hasSize(250);
    }

    @ParameterizedTest
    @EnumSource
    void aTailThatIsCutIsNoticedOnceAndByName(Engine engine) throws IOException {
        open(engine);
        grow(10);
        AuditHead seen = head();
        execute("DELETE FROM audit WHERE position > 7");
        for (int beat = 0; beat < 3; beat++) {
            witnesses.hear(worker("w1"), seen);
            witnesses.hear(worker("w2"), seen);
        }
        restart();
        assertThat(alarms.finding().orElseThrow())
                .contains("worker w1 has seen position 10", "lyftdata audit acknowledge");
        assertThat(records(Action.AUDIT_ROLLED_BACK)).singleElement().satisfies(record -> {
            assertThat(record.actor()).isEqualTo("w1");
            assertThat(record.subject()).isEqualTo(seen.segment());
            assertThat(record.difference()).contains("\"position\":10", seen.hash(), seen.signature());
        });
    }

    @ParameterizedTest
    @EnumSource
    void aChainThatGrewAgainOverTheCutIsNoticed(Engine engine) throws IOException {
        open(engine);
        grow(10);
        AuditHead seen = head();
        execute("DELETE FROM audit WHERE position > 7");
        grow(20);
        witnesses.hear(worker("w1"), seen);
        assertThat(alarms.finding()).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void aDatabaseThatBeganAnewIsNoticed(Engine engine) throws IOException {
        open(engine);
        grow(10);
        AuditHead seen = head();
        execute("DELETE FROM audit");
        grow(10);
        witnesses.hear(worker("w1"), seen);
        assertThat(alarms.finding()).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void oneLyingWorkerLeavesARecordAMinuteAndRaisesNothing(Engine engine) throws IOException {
        open(engine);
        grow(3);
        AuditHead good = head();
        List<AuditHead> lies = List.of(
                AuditHead.of("a head"),
                AuditHead.of(Map.of("installation", INSTALLATION)),
                new AuditHead(INSTALLATION, good.segment(), 9, good.hash(), good.signature()),
                new AuditHead(INSTALLATION, "0".repeat(16), good.position(), good.hash(), good.signature()),
                new AuditHead(INSTALLATION, good.segment(), good.position(), "0".repeat(64), good.signature()),
                good.signed("AAAA"));
        lies.forEach(lie -> witnesses.hear(worker("liar"), lie));
        witnesses.hear(worker("other"), lies.get(5));
        refusals.sweep();
        lies.forEach(lie -> witnesses.hear(worker("liar"), lie));
        refusals.sweep();
        clock.advance(Duration.ofMinutes(1));
        refusals.sweep();
        assertThat(records(Action.REFUSED))
                .extracting(record -> record.actor() + " " + record.outcome() + " " + record.count())
                .containsExactly("liar head_forged 6", "other head_forged 1", "liar head_forged 6");
        assertThat(alarms.finding()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aHeadOfAnotherInstallationIsNobodysBusiness(Engine engine) throws IOException {
        open(engine);
        grow(3);
        witnesses.hear(worker("moved"), new AuditHead("f".repeat(32), "0".repeat(16), 99, "0".repeat(64), "AAAA"));
        refusals.sweep();
        assertThat(records()).hasSize(3);
        assertThat(alarms.finding()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void whatIsAcknowledgedStaysQuietAndWhatGoesBeyondDoesNot(Engine engine) throws IOException {
        open(engine);
        grow(8);
        AuditHead early = head();
        grow(2);
        AuditHead seen = head();
        grow(2);
        AuditHead beyond = head();
        execute("DELETE FROM audit WHERE position > 7");
        witnesses.hear(worker("w1"), seen);
        alarms.acknowledge(ADMIN, "the disk was restored from last night");
        assertThat(alarms.finding()).isEmpty();
        long after = records().size();
        witnesses.hear(worker("w1"), seen);
        witnesses.hear(worker("sleepy"), early);
        restart();
        witnesses.hear(worker("w1"), seen);
        assertThat(alarms.finding()).isEmpty();
        assertThat(records()).hasSize((int) after);

        witnesses.hear(worker("w3"), beyond);
        assertThat(alarms.finding().orElseThrow()).contains("worker w3 has seen position 12");
        alarms.acknowledge(ADMIN, "the same");
        witnesses.hear(worker("w3"), beyond);
        assertThat(alarms.finding()).isEmpty();
        assertThatThrownBy(() -> alarms.acknowledge(ADMIN, "again"))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo(Code.CONFLICT));
    }

    @ParameterizedTest
    @EnumSource
    void theChainGoesOnInANewSegmentWithoutAGap(Engine engine) throws IOException {
        open(engine);
        grow(10);
        AuditHead seen = head();
        execute("DELETE FROM audit WHERE position > 7");
        witnesses.hear(worker("w1"), seen);
        alarms.acknowledge(ADMIN, "the disk was restored from last night");
        grow(1);

        List<AuditRecord> chain = records();
        for (int i = 1; i < chain.size(); i++) {
            assertThat(chain.get(i).position()).isEqualTo(i + 1L);
            assertThat(chain.get(i).previous()).isEqualTo(chain.get(i - 1).hash());
            assertThat(chain.get(i).hash()).isEqualTo(chain.get(i).computedHash());
        }
        assertThat(chain.subList(7, 11))
                .extracting(AuditRecord::action)
                .containsExactly("AUDIT_ROLLED_BACK", "AUDIT_ACKNOWLEDGED", "SEGMENT_BEGUN", "USER_ADDED");
        assertThat(chain.get(8).difference()).contains("last night").contains("\"position\":{\"after\":10}");
        AuditRecord begun = chain.get(9);
        assertThat(begun.segment()).isNotEqualTo(seen.segment()).isEqualTo(begun.subject());
        assertThat(begun.difference()).contains(seen.segment());
        AuditHead next = head();
        assertThat(next.segment()).isEqualTo(begun.segment());
        assertThat(next.isNewerThan(seen)).isTrue();

        execute("DELETE FROM audit WHERE position > 9");
        witnesses.hear(worker("w1"), next);
        assertThat(alarms.finding()).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void whoCanWriteTheDatabaseCannotAcknowledge(Engine engine) throws IOException {
        open(engine);
        grow(10);
        AuditHead seen = head();
        execute("DELETE FROM audit WHERE position > 7");
        witnesses.hear(worker("w1"), seen);
        execute("UPDATE audit_alarm SET acknowledgement = 'AAAA'");
        assertThat(alarms.finding()).isPresent();
        alarms.acknowledge(ADMIN, "tested");
        execute("UPDATE audit_alarm SET position = 1000");
        assertThat(alarms.finding()).isPresent();
        execute("DELETE FROM audit_alarm");
        witnesses.hear(worker("w1"), seen);
        assertThat(alarms.finding()).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void aProofThatCannotBeWrittenDownIsLeftWithTheWorker(Engine engine) throws IOException {
        open(engine);
        grow(10);
        AuditHead seen = head();
        execute("DELETE FROM audit WHERE position > 7");
        execute("ALTER TABLE audit_alarm RENAME TO away");
        assertThatThrownBy(() -> witnesses.hear(worker("w1"), seen))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo(Code.UNAVAILABLE));
        assertThat(records()).hasSize(7);
        execute("ALTER TABLE away RENAME TO audit_alarm");
        witnesses.hear(worker("w1"), seen);
        assertThat(alarms.finding()).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void aFleetCostsOneSignatureASecondAtMost(Engine engine) throws IOException {
        open(engine);
        grow(1);
        AuditHead head = head();
        grow(1);
        assertThat(witnesses.head()).containsSame(head);
        AuditHead next = head();
        assertThat(next.position()).isEqualTo(2);
        assertThat(head()).isSameAs(next);
    }
}

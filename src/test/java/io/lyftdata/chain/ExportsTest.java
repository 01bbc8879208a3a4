package io.lyftdata.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.api.AuditHead;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.audit.Checkpoint;
import io.lyftdata.api.audit.Exported;
import io.lyftdata.api.audit.Place;
import io.lyftdata.api.audit.Prune;
import io.lyftdata.api.audit.SignedHead;
import io.lyftdata.api.audit.Verification;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Alarms;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.AuditRecord;
import io.lyftdata.audit.Checkpoints;
import io.lyftdata.audit.Event;
import io.lyftdata.audit.Refusals;
import io.lyftdata.audit.Witnesses;
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
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The log is handed out without a gap, and only what was handed out is deleted. */
class ExportsTest {
    private static final Caller ADMIN = ChainFixture.caller("ann", "192.0.2.1");
    private static final Caller WORKER = new Caller(Caller.Kind.WORKER, "w", Role.WORKER, "k1", Origin.NONE);

    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock();
    private final AtomicLong ticks = new AtomicLong();
    private final DatabaseOpener opener = new DatabaseOpener();
    private SigningKey key;
    private Database database;
    private Audit audit;
    private Alarms alarms;
    private Exports exports;
    private Pruning pruning;
    private Optional<Long> shipped = Optional.empty();

    private void open(Engine engine, int records) throws IOException {
        key = SigningKey.open(directory.resolve("signing.key"));
        database = engine.open(opener, directory);
        audit = new Audit(database, ChainFixture.INSTALLATION, clock);
        alarms = new Alarms(database, audit, key);
        exports = new Exports(database, ChainFixture.INSTALLATION, checkpoints(), key, audit);
        pruning = new Pruning(database, checkpoints(), alarms, audit, tx -> shipped, clock);
        ChainFixture.append(database, audit, records);
    }

    private Checkpoints checkpoints() {
        return new Checkpoints(database, ChainFixture.INSTALLATION, key);
    }

    private Witnesses witnesses() {
        return Witnesses.of(
                database, ChainFixture.INSTALLATION, key, alarms, new Refusals(database, audit, clock), ticks::get);
    }

    @AfterEach
    void close() throws SQLException {
        opener.close();
    }

    private List<AuditRecord> all() {
        return exports.behind(Optional.empty(), 10_000);
    }

    private Place at(long position) {
        AuditRecord record = all().stream()
                .filter(one -> one.position() == position)
                .findFirst()
                .orElseThrow();
        return new Place(position, record.hash());
    }

    private void export(long first, long last) {
        exports.confirm(ADMIN, new Exported(first, last, at(last).hash()));
    }

    private Checkpoint prune(Place last) {
        return pruning.prune(ADMIN, new Prune(last.position(), last.hash()));
    }

    private Verification verify() {
        return new ChainVerifier(database, ChainFixture.INSTALLATION, checkpoints(), 1_000_000).verify(null);
    }

    private static void assertConflict(ThrowingCallable call, String sentence) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo(Code.CONFLICT))
                .hasMessageContaining(sentence);
    }

    @ParameterizedTest
    @EnumSource
    void goesOnFromAnyPlaceWithoutGapOrRepetition(Engine engine) throws IOException {
        open(engine, 25);
        Optional<Place> from = Optional.empty();
        long position = 0;
        List<AuditRecord> next = exports.behind(from, 7);
        while (!next.isEmpty()) {
            for (AuditRecord record : next) {
                assertThat(record.position()).isEqualTo(++position);
                from = Optional.of(new Place(record.position(), record.hash()));
            }
            next = exports.behind(from, 7);
        }
        assertThat(position).isEqualTo(25);
    }

    @ParameterizedTest
    @EnumSource
    void aPlaceInAnotherChainIsRefused(Engine engine) throws IOException {
        open(engine, 9);
        Place other = new Place(5, at(6).hash());
        assertConflict(() -> exports.behind(Optional.of(other), 10), "does not hold position 5 with that hash");
        Place ahead = new Place(12, at(9).hash());
        assertConflict(() -> exports.behind(Optional.of(ahead), 10), "does not hold position 12");
        assertConflict(() -> exports.confirm(ADMIN, new Exported(1, 5, other.hash())), "does not hold position 5");
        assertConflict(() -> prune(other), "does not hold position 5");
        assertThat(all()).hasSize(9);
    }

    @ParameterizedTest
    @EnumSource
    void onlyWhatFilesHoldIsPruned(Engine engine) throws IOException {
        open(engine, 20);
        Place tenth = at(10);
        assertConflict(() -> prune(tenth), "up to position 0 only");
        export(12, 15);
        assertConflict(() -> prune(tenth), "up to position 0 only");
        export(1, 9);
        assertConflict(() -> prune(tenth), "up to position 9 only");
        export(10, 15);
        shipped = Optional.of(9L);
        assertConflict(() -> prune(tenth), "the collector of audit.target has the audit log up to position 9");
        shipped = Optional.of(10L);
        assertThat(all()).hasSize(23);
        prune(tenth);
        assertThat(all().get(0).position()).isEqualTo(11);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsLeftIsAWholeChainBehindASignedCheckpoint(Engine engine) throws IOException {
        open(engine, 2_500);
        export(1, 2_500);
        Place place = at(2_100);
        Checkpoint checkpoint = prune(place);
        assertThat(checkpoint.position()).isEqualTo(2_100);
        assertThat(checkpoints().isGenuine(checkpoint)).isTrue();
        Verification verification = verify();
        assertThat(verification.broken()).isNull();
        assertThat(verification.checkpoint()).isEqualTo(checkpoint);
        assertThat(verification.first()).isEqualTo(2_101);
        AuditRecord record = all().get(all().size() - 1);
        assertThat(record.action()).isEqualTo("AUDIT_PRUNED");
        assertThat(record.difference()).contains("\"first\":{\"after\":1}", "\"last\":{\"after\":2100}");

        assertThat(exports.behind(Optional.of(place), 1))
                .first()
                .satisfies(next -> assertThat(next.position()).isEqualTo(2_101));
        assertConflict(
                () -> exports.behind(Optional.of(new Place(7, place.hash())), 1), "were pruned, up to position 2100");
        assertConflict(
                () -> exports.behind(Optional.of(new Place(2_100, "0".repeat(64))), 1), "does not hold position 2100");
        long records = all().size();
        assertThat(prune(place)).as("again").isEqualTo(checkpoint);
        assertThat(all()).hasSize((int) records);

        database.write(tx -> tx.execute("UPDATE audit_checkpoint SET time = time + 1"));
        assertThat(verify().broken()).isNotNull();
    }

    @ParameterizedTest
    @EnumSource
    void theWholeLogCanGoButForTheRecordThatSaysSo(Engine engine) throws IOException {
        open(engine, 5);
        export(1, 5);
        export(1, 6);
        prune(at(6));
        assertThat(all()).extracting(AuditRecord::action).containsExactly("AUDIT_EXPORTED", "AUDIT_PRUNED");
        audit.record(ADMIN, Event.of(Action.USER_ADDED, "bob"));
        assertThat(verify().broken()).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void aWorkerThatSleptThroughAPruneRaisesNothing(Engine engine) throws IOException {
        open(engine, 10);
        AuditHead early = witnesses().head().orElseThrow();
        ChainFixture.append(database, audit, 10);
        export(1, 20);
        prune(at(15));
        AuditHead pruned = new AuditHead(
                ChainFixture.INSTALLATION,
                early.segment(),
                15,
                checkpoints().newest().orElseThrow().hash(),
                "");
        witnesses().hear(WORKER, early);
        witnesses().hear(WORKER, pruned.signed(key.sign(pruned.signedBytes())));
        assertThat(alarms.finding()).isEmpty();

        AuditHead other = new AuditHead(ChainFixture.INSTALLATION, early.segment(), 15, "0".repeat(64), "");
        database.write(tx -> tx.execute("UPDATE audit_checkpoint SET signature = 'AAAA'"));
        ticks.addAndGet(Duration.ofSeconds(2).toNanos());
        witnesses().hear(WORKER, other.signed(key.sign(other.signedBytes())));
        assertThat(alarms.finding().orElseThrow()).contains("position 15");
    }

    @ParameterizedTest
    @EnumSource
    void aForgedCheckpointCoversNoLoss(Engine engine) throws IOException {
        open(engine, 10);
        AuditHead seen = witnesses().head().orElseThrow();
        database.write(tx -> tx.execute("DELETE FROM audit"));
        database.write(tx -> tx.execute("INSERT INTO audit_checkpoint (position, segment, hash, time, signature)"
                + " VALUES (10, '" + seen.segment() + "', '" + seen.hash() + "', 1, 'AAAA')"));
        witnesses().hear(WORKER, seen);
        assertThat(alarms.finding()).isPresent();
        assertConflict(() -> prune(new Place(10, seen.hash())), "open alarm");
    }

    @ParameterizedTest
    @EnumSource
    void theServerVouchesForAnExportsEnd(Engine engine) throws IOException {
        open(engine, 5);
        Place last = at(4);
        SignedHead signed = exports.confirm(ADMIN, new Exported(1, 4, last.hash()));
        assertThat(signed.head().position()).isEqualTo(4);
        assertThat(key.signed(signed.head().signedBytes(), signed.head().signature()))
                .isTrue();
        assertThat(all().get(5).action()).isEqualTo("AUDIT_EXPORTED");
        for (Exported nonsense : List.of(new Exported(1, 4, null), new Exported(5, 4, "x"), new Exported(0, 4, "x"))) {
            assertThatThrownBy(() -> exports.confirm(ADMIN, nonsense)).isInstanceOf(Refusal.class);
        }
    }
}

package io.lyftdata.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.api.AuditHead;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.audit.Verification;
import io.lyftdata.api.audit.Verification.Broken;
import io.lyftdata.api.audit.Verification.Fault;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Alarms;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.AuditRecord;
import io.lyftdata.audit.Checkpoints;
import io.lyftdata.audit.Event;
import io.lyftdata.audit.Refusals;
import io.lyftdata.audit.Witnesses;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.MovableClock;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** S16: whatever is done to the rows, the first broken position is named, and what is wrong there. */
class ChainVerifierTest {
    private static final String COLUMNS =
            "segment, time, action, actor_kind, actor, key_id, address, proxy, request_id,"
                    + " subject, difference, outcome, count, ledger, previous, hash";
    private static final String FORGED =
            "INSERT INTO audit (position, " + COLUMNS + ") SELECT 5, " + COLUMNS + " FROM audit WHERE position = 2";
    private static final int RECORDS = 12;

    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock();
    private final DatabaseOpener opener = new DatabaseOpener();
    private SigningKey key;
    private Database database;
    private Audit audit;
    private ChainVerifier verifier;

    private void open(Engine engine) throws IOException {
        key = SigningKey.open(directory.resolve("signing.key"));
        database = engine.open(opener, directory);
        audit = new Audit(database, ChainFixture.INSTALLATION, clock);
        verifier = verifier(1_000);
    }

    private ChainVerifier verifier(long most) {
        Checkpoints checkpoints = new Checkpoints(database, ChainFixture.INSTALLATION, key);
        return new ChainVerifier(database, ChainFixture.INSTALLATION, checkpoints, most);
    }

    @AfterEach
    void close() throws SQLException {
        opener.close();
    }

    private void sql(String... statements) {
        database.write(tx -> {
            for (String statement : statements) {
                tx.execute(statement);
            }
            return null;
        });
    }

    /** Renumbers by way of negative numbers, as neither database takes a number twice meanwhile. */
    private void move(String which, int by) {
        sql(
                "UPDATE audit SET position = -position WHERE " + which,
                "UPDATE audit SET position = -position + " + by + " WHERE position < 0");
    }

    private Broken found() {
        return verifier.verify(null).broken();
    }

    private void assertBroken(long position, Fault fault) {
        assertThat(found()).isEqualTo(new Broken(position, fault));
    }

    @ParameterizedTest
    @EnumSource
    void aChainThatNobodyTouchedIsWholeInEveryNumberOfAnswers(Engine engine) throws IOException {
        open(engine);
        assertThat(verifier.verify(null)).isEqualTo(new Verification(0, 0, 0, null, null, null));
        ChainFixture.append(database, audit, RECORDS);
        assertThat(verifier.verify(null)).isEqualTo(new Verification(1, RECORDS, RECORDS, null, null, null));

        ChainVerifier small = verifier(1);
        Verification answer = small.verify(null);
        while (answer.next() != null) {
            answer = small.verify(answer.next()).behind(answer);
        }
        assertThat(answer).isEqualTo(new Verification(1, RECORDS, RECORDS, null, null, null));
        assertThatThrownBy(() -> small.verify("5")).isInstanceOf(Refusal.class);
    }

    @ParameterizedTest
    @EnumSource
    void findsWhatWasDoneToARow(Engine engine) throws IOException {
        open(engine);
        ChainFixture.append(database, audit, RECORDS);

        sql("UPDATE audit SET subject = 'somebody else' WHERE position = 5");
        assertBroken(5, Fault.CHANGED);
        sql("DELETE FROM audit WHERE position = 4");
        assertBroken(4, Fault.MISSING);
        sql("DELETE FROM audit WHERE position = 1");
        assertBroken(1, Fault.MISSING);
    }

    @ParameterizedTest
    @EnumSource
    void findsARowThatWasDeletedAndTheRestRenumbered(Engine engine) throws IOException {
        open(engine);
        ChainFixture.append(database, audit, RECORDS);
        sql("DELETE FROM audit WHERE position BETWEEN 5 AND 7");
        move("position > 7", -3);
        assertBroken(5, Fault.MISSING);
    }

    @ParameterizedTest
    @EnumSource
    void findsAnInsertedRowAlsoOneWithARightHash(Engine engine) throws IOException {
        open(engine);
        ChainFixture.append(database, audit, RECORDS);
        move("position >= 5", 1);
        sql(FORGED);
        assertBroken(5, Fault.INSERTED);
        seal(5, 4);
        assertBroken(5, Fault.INSERTED);
    }

    @ParameterizedTest
    @EnumSource
    void findsSeveralInsertedRowsWhoseHashesAreRight(Engine engine) throws IOException {
        open(engine);
        ChainFixture.append(database, audit, RECORDS);
        move("position >= 4", 2);
        sql(FORGED.replace(" 5,", " 4,"), FORGED);
        seal(4, 3);
        seal(5, 4);
        assertBroken(4, Fault.INSERTED);
    }

    @ParameterizedTest
    @EnumSource
    void findsRowsThatChangedPlaces(Engine engine) throws IOException {
        open(engine);
        ChainFixture.append(database, audit, RECORDS);
        sql(
                "UPDATE audit SET position = -5 WHERE position = 5",
                "UPDATE audit SET position = 5 WHERE position = 6",
                "UPDATE audit SET position = 6 WHERE position = -5");
        assertBroken(5, Fault.REORDERED);
        sql("UPDATE audit SET position = 99 WHERE position = 3");
        assertBroken(3, Fault.REORDERED);
    }

    @ParameterizedTest
    @EnumSource
    void findsARowThatWasAlteredTogetherWithItsHash(Engine engine) throws IOException {
        open(engine);
        ChainFixture.append(database, audit, RECORDS);
        sql("UPDATE audit SET actor = 'somebody else' WHERE position = 5");
        seal(5, 4);
        assertBroken(5, Fault.CHANGED);
    }

    @ParameterizedTest
    @EnumSource
    void findsAChainOfAnotherInstallation(Engine engine) throws IOException {
        open(engine);
        ChainFixture.append(database, new Audit(database, "f".repeat(32), clock), RECORDS);
        assertBroken(1, Fault.CHANGED);
    }

    /** What somebody who knows the rules would do: the row stands on that before, and its hash is right. */
    private void seal(long position, long before) {
        database.write(tx -> {
            String previous =
                    tx.attach(ChainDao.class).after(before - 1, 1).get(0).hash();
            tx.execute("UPDATE audit SET previous = ? WHERE position = ?", previous, position);
            AuditRecord row = tx.attach(ChainDao.class).after(position - 1, 1).get(0);
            return tx.execute("UPDATE audit SET hash = ? WHERE position = ?", row.computedHash(), position);
        });
    }

    /** The same seed each time; a new one after each failure that was mended. */
    @ParameterizedTest
    @EnumSource
    void findsAnyFieldOfAnyRecordThatIsOtherwise(Engine engine) throws IOException {
        open(engine);
        ChainFixture.append(database, audit, RECORDS);
        Random random = new Random(20261125);
        String[] columns = COLUMNS.split(",\\s*", -1);
        for (int round = 0; round < 200; round++) {
            String column = columns[random.nextInt(columns.length)];
            int position = 1 + random.nextInt(RECORDS);
            AuditRecord before = row(position);
            sql("UPDATE audit SET " + column + " = " + altered(column, random) + " WHERE position = " + position);
            assertThat(row(position)).as(column).isNotEqualTo(before);
            assertThat(found()).as(column + " of " + position).isEqualTo(new Broken(position, Fault.CHANGED));
            restore(before);
            assertThat(found()).isNull();
        }
    }

    private AuditRecord row(long position) {
        return database.read(
                tx -> tx.attach(ChainDao.class).after(position - 1, 1).get(0));
    }

    private static String altered(String column, Random random) {
        return switch (column) {
            case "time", "count" -> column + " + " + (1 + random.nextInt(1_000));
            case "ledger" -> "7";
            case "difference" -> "'{}'";
            // One of its letters, or one more.
            default ->
                random.nextBoolean()
                        ? column + " || 'x'"
                        : "'" + (char) ('a' + random.nextInt(26)) + "' || substr(" + column + ", 2) || ''''";
        };
    }

    private void restore(AuditRecord row) {
        database.write(tx -> {
            tx.execute("DELETE FROM audit WHERE position = ?", row.position());
            return tx.createUpdate("INSERT INTO audit (position, " + COLUMNS + ") VALUES (:position, :segment, :time,"
                            + " :action, :actorKind, :actor, :keyId, :address, :proxy, :requestId, :subject,"
                            + " :difference, :outcome, :count, :ledger, :previous, :hash)")
                    .bindMethods(row)
                    .execute();
        });
    }

    @ParameterizedTest
    @EnumSource
    void aSegmentEndsOnlyByTheRecordThatSaysSo(Engine engine) throws IOException {
        open(engine);
        ChainFixture.append(database, audit, 3);
        Alarms alarms = new Alarms(database, audit, key);
        Refusals refusals = new Refusals(database, audit, clock);
        Witnesses witnesses =
                Witnesses.of(database, ChainFixture.INSTALLATION, key, alarms, refusals, System::nanoTime);
        AuditHead lost = new AuditHead(ChainFixture.INSTALLATION, "ab", 9, "0".repeat(64), "");
        witnesses.hear(ChainFixture.caller("w1", "192.0.2.1"), lost.signed(key.sign(lost.signedBytes())));
        alarms.acknowledge(ChainFixture.caller("ann", "192.0.2.1"), "restored by hand");
        ChainFixture.append(database, audit, 3);
        long segments = database.read(tx -> tx.select("SELECT count(DISTINCT segment) FROM audit")
                .mapTo(Long.class)
                .one());
        assertThat(segments).isEqualTo(2);
        assertThat(found()).isNull();

        sql("UPDATE audit SET action = 'USER_ADDED' WHERE action = 'SEGMENT_BEGUN'");
        Broken broken = found();
        seal(broken.position(), broken.position() - 1);
        assertThat(found()).as("also with its hash made anew").isEqualTo(broken);
    }

    @ParameterizedTest
    @EnumSource
    void aCheckpointCountsOnlyUnderThisInstallationsSignature(Engine engine) throws IOException {
        open(engine);
        ChainFixture.append(database, audit, RECORDS);
        AuditRecord fifth = row(5);
        sql(
                "INSERT INTO audit_checkpoint VALUES (5, '" + fifth.segment() + "', '" + fifth.hash() + "', 0, 'bm8=')",
                "DELETE FROM audit WHERE position <= 5");
        assertBroken(5, Fault.UNSIGNED);
    }

    @Test
    void verifiesWhileOthersWrite() throws Exception {
        open(Engine.SQLITE);
        ChainFixture.append(database, audit, RECORDS);
        AtomicBoolean isDone = new AtomicBoolean();
        ExecutorService writer = Executors.newSingleThreadExecutor();
        try {
            Future<Integer> written = writer.submit(() -> {
                int count = 0;
                while (!isDone.get()) {
                    audit.record(ChainFixture.caller("ann", "192.0.2.1"), Event.of(Action.USER_ADDED, "user" + count));
                    count++;
                }
                return count;
            });
            for (int i = 0; i < 50; i++) {
                assertThat(found()).isNull();
            }
            isDone.set(true);
            assertThat(written.get()).isPositive();
        } finally {
            isDone.set(true);
            writer.shutdown();
        }
        assertThat(List.of(verifier.verify(null).last())).allMatch(last -> last > RECORDS);
    }
}

package io.lyftdata.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.api.Refusal;
import io.lyftdata.api.backup.Backups.Pruned;
import io.lyftdata.api.backup.Backups.Verification;
import io.lyftdata.api.backup.Backups.View;
import io.lyftdata.archive.ArchiveReader;
import io.lyftdata.archive.Envelope;
import io.lyftdata.archive.Names;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.auth.Caller;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.restore.Restore;
import io.lyftdata.snapshot.Progress;
import io.lyftdata.snapshot.TableCopy;
import io.lyftdata.testing.AgeKeys;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.MovableClock;
import io.lyftdata.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a backup is: one moment of the database, whole, private, recorded, and copied where it should be. */
class BackupTest {
    private static final AgeKeys AGE = AgeKeys.generate();

    /** All (HARDENING R14) are 200: -Dlyftdata.backupRounds=200. */
    private static final int ROUNDS = Integer.getInteger("lyftdata.backupRounds", 5);

    private static final List<String> WRITTEN = List.of("worker", "installation_fact");

    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock();
    private final DatabaseOpener opener = new DatabaseOpener();
    private Database database;
    private Path staging;

    @AfterEach
    void close() throws SQLException {
        opener.close();
    }

    private Backups backups(Engine engine, String... copies) throws IOException {
        staging = directory.resolve("staging");
        SecretFile.createDirectory(staging.resolve("tls"));
        SecretFile.write(staging.resolve("tls/ca.key"), "a key");
        SecretFile.write(staging.resolve("installation"), "0123\n");
        SigningKey key = SigningKey.open(staging.resolve("signing.key"));
        database = engine.open(opener, staging);
        BackupConfig config =
                new BackupConfig(List.of(AGE.recipient()), null, null, 2, 2, 2, List.of(copies), null, null);
        return new Backups(new Backups.Origin(staging, "0123", key, database), audit(), clock, config);
    }

    private Audit audit() {
        return new Audit(database, "0123", clock);
    }

    private void fill(int workers) {
        database.write(tx -> {
            for (int i = 0; i < workers; i++) {
                tx.execute(
                        "INSERT INTO worker (id, state, labels, created_at) VALUES (?, 'active', '{\"a\":\"ä\"}', 1)",
                        "w-" + i);
            }
            tx.execute(
                    "INSERT INTO enrollment_secret (id, hash, fingerprint, active, created_at, created_by, admitted, sources, labels)"
                            + " VALUES ('s', 'h', 'f', TRUE, 1, 'admin', 0, '[]', '{}')");
            audit().record(tx, Caller.host(), Event.of(Action.SERVER_STARTED, ""));
            return null;
        });
    }

    private Path open(String name) throws IOException {
        Path out = Files.createDirectories(directory.resolve("opened/tls"));
        new ArchiveReader(staging.resolve("backups").resolve(name), Envelope.identities(AGE.identity()))
                .read(signer -> true, (manifest, member) -> Files.newOutputStream(out.resolveSibling(member.name())));
        return out.getParent();
    }

    /** Every row of every table, in an order of its own. */
    private static List<String> rows(Connection connection, List<String> tables) throws SQLException {
        List<String> all = new ArrayList<>();
        for (String table : tables) {
            try (var statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT * FROM " + table)) {
                while (row.next()) {
                    StringBuilder line = new StringBuilder(table);
                    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                        Object value = row.getObject(i);
                        line.append('|').append(value instanceof Boolean truth ? (truth ? 1 : 0) : value);
                    }
                    all.add(line.toString());
                }
            }
        }
        all.sort(null);
        return all;
    }

    private static List<String> rows(Handle tx, List<String> tables) {
        try {
            return rows(tx.getConnection(), tables);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void holdsEveryRowAsASqliteFileAndWhatElseARestoreNeeds(Engine engine) throws Exception {
        Backups backups = backups(engine);
        fill(2_345);
        View made =
                backups.view(backups.create(Caller.host(), false, Progress.NONE).name());
        Path opened = open(made.name());
        try (Connection copy = DriverManager.getConnection("jdbc:sqlite:" + opened.resolve(Names.DATABASE))) {
            List<String> tables = new TableCopy(copy, copy).tables();
            assertThat(tables).contains("worker", "account", "audit", "ledger", "settings_revision");
            List<String> before = database.read(tx -> rows(tx, tables));
            before.removeIf(line -> line.startsWith("backup|") || line.contains("BACKUP_CREATED"));
            assertThat(rows(copy, tables)).isEqualTo(before).hasSizeGreaterThan(2_345);
        }
        assertThat(opened.resolve("tls/ca.key")).hasContent("a key");
        assertThat(opened.resolve("installation")).hasContent("0123\n");
        assertThat(opened.resolve("signing.key")).hasSameBinaryContentAs(staging.resolve("signing.key"));
        assertThat(made.counts()).containsEntry("workers", 2_345L).containsEntry("auditRecords", 1L);
        assertThat(made.auditPosition()).isEqualTo(1);
        try (var left = Files.list(staging.resolve("backups"))) {
            assertThat(left)
                    .as("nothing lies about in the clear")
                    .hasSize(2)
                    .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .isEqualTo("rw-------"));
        }
        assertThat(database.<List<String>>read(
                        tx -> tx.createQuery("SELECT subject FROM audit WHERE action = 'BACKUP_CREATED'")
                                .mapTo(String.class)
                                .list()))
                .containsExactly(made.name());
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void isOfOneMomentWhileOthersWrite(Engine engine) throws Exception {
        Backups backups = backups(engine);
        fill(2_000);
        AtomicBoolean isOver = new AtomicBoolean();
        Thread writer = new Thread(() -> {
            for (int i = 0; !isOver.get(); i++) {
                String id = "late-" + i;
                database.write(tx -> {
                    tx.execute("INSERT INTO worker (id, state, labels, created_at) VALUES (?, 'active', '{}', 1)", id);
                    tx.execute("INSERT INTO installation_fact (name, value) VALUES (?, '')", id);
                    return null;
                });
            }
        });
        writer.start();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                String name =
                        backups.create(Caller.host(), false, Progress.NONE).name();
                List<String> live = database.read(tx -> rows(tx, WRITTEN));
                try (Connection copy =
                        DriverManager.getConnection("jdbc:sqlite:" + open(name).resolve(Names.DATABASE))) {
                    List<String> kept = rows(copy, WRITTEN);
                    long late = kept.stream()
                            .filter(row -> row.startsWith("worker|late-"))
                            .count();
                    live.removeIf(row -> number(row) >= late);
                    assertThat(kept).as("round %d", round).isEqualTo(live);
                }
                clock.advance(Duration.ofSeconds(1));
            }
        } finally {
            isOver.set(true);
            writer.join();
        }
        for (View made : backups.list()) {
            try (Connection copy = DriverManager.getConnection(
                    "jdbc:sqlite:" + open(made.name()).resolve(Names.DATABASE))) {
                List<String> tables = new TableCopy(copy, copy).tables();
                assertThat(restored(engine, made.name(), tables)).isEqualTo(rows(copy, tables));
            }
        }
    }

    /** What a restore puts into an empty directory or database elsewhere, without what tells of the restore. */
    private List<String> restored(Engine engine, String name, List<String> tables) throws Exception {
        Path elsewhere = directory.resolve("elsewhere-" + name);
        String url =
                engine == Engine.POSTGRESQL ? Engine.newPostgresqlUrl() : "jdbc:sqlite:" + elsewhere + "/control.db";
        Restore.Request request = new Restore.Request(
                staging.resolve("backups").resolve(name),
                Envelope.identities(AGE.identity()),
                Optional.of(SigningKey.open(staging.resolve("signing.key")).fingerprint()),
                false,
                elsewhere,
                Optional.of(new Secret(url)).filter(some -> engine == Engine.POSTGRESQL));
        try (Restore restore = Restore.prepare(request, Map.of(), clock, Progress.NONE)) {
            restore.apply();
        }
        try (Connection connection = DriverManager.getConnection(url)) {
            List<String> rows = rows(connection, tables);
            rows.removeIf(row -> row.startsWith("installation_fact|restored|")
                    || row.contains("|SEGMENT_BEGUN|")
                    || row.contains("|RESTORED|"));
            return rows;
        }
    }

    /** Of a row that was written during the backups; -1 for one from before. */
    private static long number(String row) {
        Matcher late = Pattern.compile("\\|late-(\\d+)\\|").matcher(row);
        return late.find() ? Long.parseLong(late.group(1)) : -1;
    }

    private Drills drills(Backups backups) throws IOException {
        Backups.Origin origin =
                new Backups.Origin(staging, "0123", SigningKey.open(staging.resolve("signing.key")), database);
        return new Drills(origin, backups, audit(), clock, Map.of());
    }

    private String identityFile() throws IOException {
        Path file = directory.resolve("identity");
        if (!Files.exists(file)) {
            SecretFile.write(file, AGE.identity());
        }
        return file.toString();
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void aDrillWithTheIdentityProvesItAndOneWithoutDoesNot(Engine engine) throws IOException {
        Backups backups = backups(engine);
        fill(10);
        String name = backups.create(Caller.host(), false, Progress.NONE).name();
        Verification outside = drills(backups).verify(Caller.host(), null, null);
        assertThat(outside.whole()).isTrue();
        assertThat(outside.proven()).isFalse();
        assertThat(backups.view(name).provenAt()).isNull();
        Verification inside = drills(backups).verify(Caller.host(), name, identityFile());
        assertThat(inside.proven()).as(inside.toString()).isTrue();
        assertThat(backups.view(name).provenAt()).isEqualTo(clock.instant());
        try (var left = Files.list(staging.resolve("backups"))) {
            assertThat(left).as("nothing lies about in the clear").hasSize(2);
        }
    }

    @Test
    void aDrillFindsADamagedFileFromOutsideAndFromInside() throws IOException {
        Backups backups = backups(Engine.SQLITE);
        String name = backups.create(Caller.host(), false, Progress.NONE).name();
        Path file = staging.resolve("backups").resolve(name);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        assertThat(drills(backups).verify(Caller.host(), name, null).whole()).isFalse();
        Files.delete(file.resolveSibling(name + ".manifest"));
        Verification inside = drills(backups).verify(Caller.host(), name, identityFile());
        assertThat(inside.whole()).isFalse();
        assertThat(inside.steps().get(inside.steps().size() - 1).found()).contains("damaged");
        assertThat(backups.view(name).provenAt()).isNull();
    }

    @Test
    void aBackupGivesWayInEachOfItsSteps() throws IOException {
        BackupRuns runs = new BackupRuns(backups(Engine.SQLITE));
        Set<String> busyIn = new HashSet<>();
        runs.giveWayWhile(() -> {
            busyIn.add(runs.state().step());
            return true;
        });

        assertThat(runs.start(Caller.host(), false).state()).isEqualTo("done");
        assertThat(busyIn).contains("copying the database", "sealing");
    }

    @Test
    void theWatchMakesWhatIsDueAndSaysWhatIsMissing() throws IOException {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        Backups backups = backups(Engine.SQLITE, disk.toString());
        BackupConfig config = new BackupConfig(
                List.of(AGE.recipient()), null, "02:30", 7, 4, 12, List.of(disk.toString()), Duration.ofDays(10), null);
        BackupWatch watch = new BackupWatch(backups, new BackupRuns(backups), config, clock);
        watch.sweep();
        assertThat(backups.list()).hasSize(1);
        assertThat(watch.finding()).isEmpty();
        assertThat(watch.lastMade()).isEqualTo(clock.instant().getEpochSecond());
        clock.advance(Duration.ofHours(14));
        watch.sweep();
        assertThat(backups.list()).as("not due yet").hasSize(1);
        clock.advance(Duration.ofHours(1));
        watch.sweep();
        assertThat(backups.list()).hasSize(2);
        Files.delete(disk.resolve(backups.list().get(0).name()));
        watch.sweep();
        assertThat(watch.finding()).hasValueSatisfying(text -> assertThat(text).contains(disk + " has no copy"));
        clock.advance(Duration.ofDays(11));
        watch.sweep();
        assertThat(watch.finding()).hasValueSatisfying(text -> assertThat(text).contains("no backup was proven"));
        drills(backups).verify(Caller.host(), null, identityFile());
        watch.sweep();
        assertThat(watch.finding()).isEmpty();
        assertThat(watch.lastProven()).isEqualTo(clock.instant().getEpochSecond());
    }

    @Test
    void withoutARecipientNoneIsMade() throws IOException {
        backups(Engine.SQLITE);
        Backups closed = new Backups(
                new Backups.Origin(staging, "0123", SigningKey.open(staging.resolve("signing.key")), database),
                audit(),
                clock,
                new BackupConfig(null, null, null, null, null, null, null, null, null));
        assertThatThrownBy(() -> closed.create(Caller.host(), false, Progress.NONE))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("age-keygen");
        assertThat(closed.list()).isEmpty();
    }

    @Test
    void aCopyThatCannotBeMadeIsNamedAndTheBackupStays() throws IOException {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        Backups backups = backups(
                Engine.SQLITE, disk.toString(), directory.resolve("not mounted").toString());
        Backups.Made made = backups.create(Caller.host(), false, Progress.NONE);
        assertThat(made.failures()).singleElement().asString().contains("not mounted", made.name());
        assertThat(disk.resolve(made.name()))
                .hasSameBinaryContentAs(staging.resolve("backups").resolve(made.name()));
        assertThat(backups.list())
                .singleElement()
                .satisfies(view -> assertThat(view.copies()).containsExactly(disk.toString()));
    }

    @Test
    void pruningKeepsDaysWeeksAndMonthsAndTheNewest() throws IOException {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        Backups backups = backups(Engine.SQLITE, disk.toString());
        Path stored = Files.createDirectories(staging.resolve("backups"));
        List<String> days = List.of("0901", "1001", "1015", "1101", "1110", "1119", "1120", "1121", "1122", "1123");
        for (String day : days) {
            Files.writeString(stored.resolve("lyftdata-2026" + day + "T020000Z.tar.age"), "x");
            Files.writeString(disk.resolve("lyftdata-2026" + day + "T020000Z.tar.age"), "x");
        }
        Files.writeString(stored.resolve("lyftdata-20261123T010000Z.tar.age"), "x");
        Files.writeString(stored.resolve("something-else.age"), "x");
        Pruned pruned = backups.prune(Caller.host());
        assertThat(backups.list().stream().map(View::name).map(name -> name.substring(13, 17)))
                .containsExactly("1123", "1122", "1015");
        assertThat(pruned.removed()).hasSize(8);
        assertThat(disk.resolve("lyftdata-20261101T020000Z.tar.age")).doesNotExist();
        assertThat(stored.resolve("something-else.age")).exists();
    }

    @Test
    void whatACrashLeftIsClearedAtTheNextStart() throws IOException {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        Backups backups = backups(Engine.SQLITE, disk.toString());
        Path stored = Files.createDirectories(staging.resolve("backups"));
        for (Path place : List.of(stored, disk)) {
            for (String left : List.of(".lyftdata-00.db", ".lyftdata-00.db-wal", ".lyftdata-1.tar.age.partial")) {
                Files.writeString(place.resolve(left), "x");
            }
            Files.writeString(place.resolve("lyftdata-20261123T010000Z.tar.age"), "x");
        }
        backups.clear();
        for (Path place : List.of(stored, disk)) {
            try (var files = Files.list(place)) {
                assertThat(files).as("%s", place).hasSize(1);
            }
        }
    }

    /** Each moment is one at which the process may have been killed: what was on disk then is started anew. */
    @ParameterizedTest
    @EnumSource(Engine.class)
    void aKillAtAnyStepLeavesAWholeBackupOrNone(Engine engine) throws IOException {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        Backups backups = backups(engine, disk.toString());
        fill(3_000);
        List<Path> moments = new ArrayList<>();
        Set<String> steps = new TreeSet<>();
        long[] told = {0};
        backups.create(Caller.host(), false, (step, done, total) -> {
            if (steps.add(step) || told[0]++ % 20 == 0) {
                moments.add(copyOf(staging, disk, moments.size()));
            }
        });
        assertThat(steps).hasSize(3);
        moments.add(copyOf(staging, disk, moments.size()));
        List<Integer> whole = new ArrayList<>();
        for (Path moment : moments) {
            Backups.Origin origin = new Backups.Origin(
                    moment.resolve("staging"),
                    "0123",
                    SigningKey.open(moment.resolve("staging/signing.key")),
                    database);
            BackupConfig config = new BackupConfig(
                    List.of(AGE.recipient()),
                    null,
                    null,
                    2,
                    2,
                    2,
                    List.of(moment.resolve("disk").toString()),
                    null,
                    null);
            Backups after = new Backups(origin, audit(), clock, config);
            after.clear();
            for (Path place : List.of(moment.resolve("staging/backups"), moment.resolve("disk"))) {
                assertThat(names(place)).noneMatch(name -> name.startsWith("."));
            }
            Drills drills = new Drills(origin, after, audit(), clock, Map.of());
            for (View view : after.list()) {
                assertThat(drills.verify(Caller.host(), view.name(), identityFile())
                                .proven())
                        .isTrue();
            }
            whole.add(after.list().size());
        }
        assertThat(whole).isSorted().startsWith(0).endsWith(1).hasSizeGreaterThan(3);
    }

    private static List<String> names(Path place) {
        String[] names = place.toFile().list();
        return names == null ? List.of() : List.of(names);
    }

    private Path copyOf(Path staging, Path disk, int number) {
        Path moment = directory.resolve("moment-" + number);
        TestServer.copy(staging, moment.resolve("staging"));
        TestServer.copy(disk, moment.resolve("disk"));
        return moment;
    }
}

package io.lyftdata.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.api.audit.Verification;
import io.lyftdata.api.backup.Backups;
import io.lyftdata.archive.Envelope;
import io.lyftdata.config.Secret;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.snapshot.Progress;
import io.lyftdata.testing.AgeKeys;
import io.lyftdata.testing.Engine;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * On PostgreSQL the one commit decides a restore (R16): whoever opens the staging directory next brings the files to where
 * the database is.
 */
class PostgresqlRestoreCrashTest {
    private static final AgeKeys AGE = AgeKeys.generate();

    @TempDir
    Path directory;

    /**
     * One at which the process may have been killed.
     *
     * @param isCommitted whether the database held the new state then
     */
    private record Moment(Path staging, String step, boolean isCommitted) {}

    private Path staging() {
        return directory.resolve("staging");
    }

    private static TestServer start(Path staging, String database) throws IOException {
        return TestServer.startWith(
                staging, "backup: {recipients: [" + AGE.recipient() + "]}\ndatabase-url: " + database);
    }

    private List<Moment> restore(Path file, String database) throws IOException {
        List<Moment> moments = new ArrayList<>();
        String[] last = {""};
        Progress progress = (step, done, total) -> {
            if (!step.equals(last[0])) {
                last[0] = step;
                moments.add(moment(moments.size(), step, database));
            }
        };
        Restore.Request request = new Restore.Request(
                file,
                Envelope.identities(AGE.identity()),
                Optional.empty(),
                false,
                staging(),
                Optional.of(new Secret(database)));
        try (Restore restore = Restore.prepare(request, Map.of(), Clock.systemUTC(), progress)) {
            restore.apply();
        }
        moments.add(moment(moments.size(), "end", database));
        return moments;
    }

    private Moment moment(int number, String step, String database) {
        Path copy = directory.resolve("moment-" + number);
        TestServer.copy(staging(), copy);
        return new Moment(copy, step, RestoreTest.workers(database).equals("then"));
    }

    private static void settle(Path staging, String database) throws Exception {
        try (DatabaseOpener opener = new DatabaseOpener()) {
            new Placement(staging).settle(Optional.of(opener.openPostgresql(database)), Progress.NONE);
        }
        try (Stream<Path> files = Files.list(staging)) {
            assertThat(files.map(each -> each.getFileName().toString()))
                    .noneMatch(name -> name.startsWith(".restore") || name.startsWith("control.db"));
        }
    }

    @Test
    void aCrashAtAnyStepLeavesTheFilesWhereTheDatabaseIs() throws Exception {
        String database = Engine.newPostgresqlUrl();
        Path file;
        try (TestServer server = start(staging(), database)) {
            TestWorker.enroll(server, "then");
            Backups.Run run = server.admin().post(Backups.PATH, null, Backups.Run.class);
            file = Files.move(
                    staging().resolve("backups").resolve(run.backup().name()), directory.resolve("saved.tar.age"));
            TestWorker.enroll(server, "now");
        }
        byte[] before = Files.readAllBytes(staging().resolve("ledger"));
        String former = Engine.copyOf(database);
        List<Moment> moments = restore(file, database);
        byte[] after = Files.readAllBytes(staging().resolve("ledger"));
        assertThat(after).isNotEqualTo(before);
        assertThat(moments).hasSizeGreaterThan(12);
        assertThat(moments.stream().map(Moment::isCommitted)).startsWith(false).endsWith(true);
        for (Moment moment : moments) {
            if (moment.step().startsWith("copying the tables")) {
                // The commit came, and its answer did not.
                Path answerless =
                        directory.resolve("answerless" + moment.staging().getFileName());
                TestServer.copy(moment.staging(), answerless);
                settle(answerless, moment.isCommitted() ? former : database);
            }
            settle(moment.staging(), moment.isCommitted() ? database : former);
            assertThat(moment.staging().resolve("ledger"))
                    .as(moment.step())
                    .hasBinaryContent(moment.isCommitted() ? after : before);
        }
        Moment lastOld = moments.stream()
                .filter(moment -> !moment.isCommitted())
                .reduce((one, next) -> next)
                .orElseThrow();
        Path answerless = directory.resolve("answerless" + lastOld.staging().getFileName());
        assertThat(answerless.resolve("ledger")).hasBinaryContent(after);
        serves(answerless, database, "then");
        serves(lastOld.staging(), former, "now then");
    }

    private static void serves(Path staging, String database, String workers) throws IOException {
        try (TestServer server = start(staging, database)) {
            assertThat(server.admin()
                            .get("/api/audit/verification", Map.of(), Verification.class)
                            .broken())
                    .isNull();
            assertThat(RestoreTest.workers(database)).isEqualTo(workers);
        }
    }
}

package io.lyftdata.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

/** Where the database is no file, its commit decides, and what a crash left on the disk follows it. */
class PostgresqlCrashTest {
    private static final AgeKeys AGE = AgeKeys.generate();

    @TempDir
    Path directory;

    private final String url = Engine.newPostgresqlUrl();
    private int moments;

    /** The end of the process, as far as a test can have it. */
    private static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private Path staging() {
        return directory.resolve("staging");
    }

    private TestServer start(Path staging) throws IOException {
        return TestServer.startWith(staging, "backup: {recipients: [" + AGE.recipient() + "]}\ndatabase-url: " + url);
    }

    private void restore(Path file, Progress progress) throws IOException {
        Restore.Request request = new Restore.Request(
                file,
                Envelope.identities(AGE.identity()),
                Optional.empty(),
                false,
                staging(),
                Optional.of(new Secret(url)));
        try (Restore restore = Restore.prepare(request, Map.of(), Clock.systemUTC(), progress)) {
            restore.apply();
        }
    }

    private Path moment() {
        Path moment = directory.resolve("moment-" + moments++);
        TestServer.copy(staging(), moment);
        return moment;
    }

    /** What the next start makes of it: whether the new state is in place, and who is known. */
    private String settled(Path moment) throws Exception {
        try (DatabaseOpener opener = new DatabaseOpener()) {
            var database = opener.openPostgresql(url);
            new Placement(moment).settle(Optional.of(database), Progress.NONE);
            try (Stream<Path> files = Files.list(moment);
                    Stream<Path> backups = Files.list(moment.resolve("backups"))) {
                assertThat(files.map(each -> each.getFileName().toString()))
                        .noneMatch(name -> name.startsWith(".restore"));
                boolean isNew =
                        backups.anyMatch(each -> each.getFileName().toString().startsWith("before-restore-"));
                return (isNew ? "new: " : "old: ")
                        + database.read(tx -> String.join(
                                " ",
                                tx.createQuery("SELECT id FROM worker ORDER BY id")
                                        .mapTo(String.class)
                                        .list()));
            }
        }
    }

    @Test
    void aCrashAtAnyStepLeavesTheOldStateOrTheNew() throws Exception {
        Path saved;
        try (TestServer server = start(staging())) {
            TestWorker.enroll(server, "then");
            String name = server.admin()
                    .post(Backups.PATH, null, Backups.Run.class)
                    .backup()
                    .name();
            saved = Files.copy(server.staging().resolve("backups").resolve(name), directory.resolve(name));
            TestWorker.enroll(server, "now");
        }
        List<Path> before = new ArrayList<>();
        Moments halfway = new Moments(before);
        assertThatThrownBy(() -> restore(saved, (step, done, total) -> {
                    halfway.at(step, done, total);
                    if (halfway.isLoading && done > 0 && done == total / 2) {
                        throw new Crash();
                    }
                }))
                .isInstanceOf(Crash.class);
        before.add(moment());
        assertThat(before).hasSizeGreaterThan(8);
        for (Path moment : before) {
            assertThat(settled(moment)).isEqualTo("old: now then");
        }
        assertThat(settled(staging())).isEqualTo("old: now then");

        List<Path> all = new ArrayList<>();
        Moments whole = new Moments(all);
        restore(saved, whole);
        List<Path> after = all.subList(whole.beforeLoading, all.size());
        assertThat(after).hasSizeGreaterThan(6);
        for (Path moment : after) {
            assertThat(settled(moment)).as(moment.toString()).isEqualTo("new: then");
        }
        for (Path moment : List.of(after.get(0), after.get(after.size() / 2), staging())) {
            try (TestServer server = start(moment)) {
                Verification chain = server.admin().get("/api/audit/verification", Map.of(), Verification.class);
                assertThat(chain.broken()).isNull();
            }
        }
    }

    /** Copies of the staging directory, one when each step begins. */
    private final class Moments implements Progress {
        private final List<Path> taken;
        private String last = "";
        private boolean isLoading;
        private int beforeLoading;

        private Moments(List<Path> taken) {
            this.taken = taken;
        }

        @Override
        public void at(String step, long done, long total) {
            isLoading |= step.equals("loading PostgreSQL");
            if (!step.equals(last)) {
                last = step;
                taken.add(moment());
                beforeLoading += isLoading ? 0 : 1;
            }
        }
    }
}

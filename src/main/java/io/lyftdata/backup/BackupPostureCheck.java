package io.lyftdata.backup;

import io.lyftdata.api.Times;
import io.lyftdata.api.posture.Severity;
import io.lyftdata.backup.BackupDao.Row;
import io.lyftdata.db.Database;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Whether there is a backup to restore, and somebody has opened one lately. */
public final class BackupPostureCheck implements PostureCheck {
    private static final Duration OLDEST = Duration.ofDays(2);

    private static final Rule RULE = new Rule(
            "backup-proven",
            Severity.MEDIUM,
            "The newest backup that is still there, and the newest proof of one: none made within " + OLDEST.toDays()
                    + " days, and none proven within `backup.proven-within`, are findings.",
            "“Restore from a known-good backup (see Backup & recovery).” A backup is known to be good when somebody has"
                    + " opened it.",
            "`backup.recipients` (`age-keygen` on another host; restart), `lyftdata backup create`, by"
                    + " `backup.schedule` in the configuration, and `lyftdata backup verify FILE"
                    + " --identity KEY --record` where the identity is.");

    private final Database database;
    private final BackupConfig config;
    private final Path staging;
    private final Clock clock;

    public BackupPostureCheck(Database database, BackupConfig config, Path staging, Clock clock) {
        this.database = database;
        this.config = config;
        this.staging = staging;
        this.clock = clock;
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() {
        Instant now = clock.instant();
        List<Row> backups = database.read(tx -> tx.attach(BackupDao.class).newest());
        Optional<Row> newest = backups.stream().filter(this::isThere).findFirst();
        Optional<Instant> made = newest.map(Row::createdAt);
        List<Finding> findings = new ArrayList<>();
        if (made.filter(time -> time.plus(OLDEST).isAfter(now)).isEmpty()) {
            findings.add(new Finding(
                    "newest backup",
                    made.map(time -> "the newest backup is of " + Times.format(time))
                            .orElse("there is no backup"),
                    make("")));
        }
        Optional<Instant> proven = newestProof(backups);
        if (proven.filter(time -> time.plus(config.provenWithin()).isAfter(now)).isEmpty()) {
            findings.add(new Finding(
                    "newest proof",
                    proven.map(time -> "a backup was last proven at " + Times.format(time))
                            .orElse("no backup was ever proven, so nobody knows whether one can be restored"),
                    newest.map(this::prove).orElseGet(() -> make(", then look again for how to prove it"))));
        }
        return findings;
    }

    private Optional<Instant> newestProof(List<Row> backups) {
        return backups.stream()
                .filter(row -> row.provenAt() != null)
                .sorted(Comparator.comparing(Row::provenAt).reversed())
                .filter(this::isThere)
                .map(Row::provenAt)
                .findFirst();
    }

    private boolean isThere(Row backup) {
        return config.places(staging).anyMatch(place -> Files.isRegularFile(place.resolve(backup.name())));
    }

    /** Without a recipient there is nobody who could open it. */
    private String make(String next) {
        String command = "lyftdata backup create" + next;
        return config.recipients().isEmpty()
                ? "backup: {recipients: [age1…]}, the public part of what age-keygen makes on another host; restart, then: "
                        + command
                : command;
    }

    private String prove(Row backup) {
        return "lyftdata backup verify "
                + Finding.word(config.place(staging).resolve(backup.name()))
                + " --identity KEY --record, where KEY is the file of the identity; a copy of the backup will do";
    }
}

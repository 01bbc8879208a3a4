package io.lyftdata.backup;

import io.lyftdata.api.Times;
import io.lyftdata.api.posture.Severity;
import io.lyftdata.backup.BackupDao.Row;
import io.lyftdata.db.Database;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Whether there is a backup to restore, and somebody has opened one lately. */
public final class BackupPostureCheck implements PostureCheck {
    private static final Duration OLDEST = Duration.ofDays(2);

    private static final Rule RULE = new Rule(
            "backup-proven",
            Severity.MEDIUM,
            "The newest backup, and the newest proof of one: none made within " + OLDEST.toDays()
                    + " days, and none proven within `backup.proven-within`, are findings.",
            "“Restore from a known-good backup (see Backup & recovery).” A backup is known to be good when somebody has"
                    + " opened it.",
            "`lyftdata backup create`, by `backup.schedule` in the configuration, and `lyftdata backup verify FILE`"
                    + " where the identity is.");

    private final Database database;
    private final Duration provenWithin;
    private final Clock clock;

    public BackupPostureCheck(Database database, BackupConfig config, Clock clock) {
        this.database = database;
        this.provenWithin = config.provenWithin();
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
        List<Finding> findings = new ArrayList<>();
        Optional<Instant> made = backups.stream().map(Row::createdAt).max(Instant::compareTo);
        if (made.filter(time -> time.plus(OLDEST).isAfter(now)).isEmpty()) {
            findings.add(new Finding(
                    "newest backup",
                    made.map(time -> "the newest backup is of " + Times.format(time))
                            .orElse("there is no backup"),
                    "lyftdata backup create"));
        }
        Optional<Instant> proven =
                backups.stream().map(Row::provenAt).filter(Objects::nonNull).max(Instant::compareTo);
        if (proven.filter(time -> time.plus(provenWithin).isAfter(now)).isEmpty()) {
            findings.add(new Finding(
                    "newest proof",
                    proven.map(time -> "a backup was last proven at " + Times.format(time))
                            .orElse("no backup was ever proven, so nobody knows whether one can be restored"),
                    "lyftdata backup verify FILE, where the identity that opens it is"));
        }
        return findings;
    }
}

package io.lyftdata.chain;

import io.lyftdata.api.audit.Verification;
import io.lyftdata.api.posture.Severity;
import io.lyftdata.audit.Alarms;
import io.lyftdata.audit.AuditRecord;
import io.lyftdata.audit.Checkpoints;
import io.lyftdata.db.Database;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.util.ArrayList;
import java.util.List;

/** Whether the audit log holds all that was written into it. Safe for use by many threads. */
public final class AuditPostureCheck implements PostureCheck {
    private static final int NEWEST = 5_000;
    private static final int SLICE = 20_000;

    private static final Rule RULE = new Rule(
            "audit-log",
            Severity.HIGH,
            "The hash chain of the audit log: its newest " + NEWEST + " records at each run, and the next " + SLICE
                    + " of all the others, so that a week's hourly runs see three million; a record that was changed,"
                    + " deleted, inserted or moved, and a rolled back log that nobody has acknowledged, are findings.",
            "“Review logs and recent configuration changes to determine cause and scope.” OWASP ASVS 16.4.2: logs are"
                    + " protected from modification.",
            "`lyftdata audit verify` names the first broken record; compare it with an export or a backup, and treat the"
                    + " host as broken into until you know why. A loss whose cause is known is closed by `lyftdata audit"
                    + " acknowledge --reason TEXT`.");

    private final Database database;
    private final Alarms alarms;
    private final ChainVerifier newest;
    private final ChainVerifier slice;
    /** Where the next slice begins; a broken one is looked at again. */
    private String cursor;

    public AuditPostureCheck(Database database, String installation, Checkpoints checkpoints, Alarms alarms) {
        this.database = database;
        this.alarms = alarms;
        this.newest = new ChainVerifier(database, installation, checkpoints, NEWEST + 1_000);
        this.slice = new ChainVerifier(database, installation, checkpoints, SLICE);
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public synchronized List<Finding> find() {
        List<Finding> findings = new ArrayList<>();
        alarms.finding()
                .ifPresent(sentence -> findings.add(new Finding(
                        "rolled back", sentence, "lyftdata audit acknowledge --reason TEXT, once you know why")));
        Verification older = slice.verify(cursor);
        Verification last = newest.verify(beforeNewest());
        Verification.Broken broken = older.broken() == null ? last.broken() : older.broken();
        if (broken != null) {
            findings.add(new Finding(
                    "position " + broken.position(),
                    broken.fault().sentence(),
                    "lyftdata audit verify, and compare with an export or a backup"));
        }
        if (older.broken() == null) {
            cursor = older.next();
        }
        return findings;
    }

    /** The cursor behind all but the newest; null: there are no more than those. */
    private String beforeNewest() {
        return database.read(tx -> {
            ChainDao dao = tx.attach(ChainDao.class);
            long from = dao.last().orElse(0L) - NEWEST;
            return from <= 0
                    ? null
                    : dao.after(from - 1, 1).stream()
                            .findFirst()
                            .map(AuditPostureCheck::cursor)
                            .orElse(null);
        });
    }

    private static String cursor(AuditRecord record) {
        return record.position() + "-" + record.segment() + "-" + record.hash();
    }
}

package io.lyftdata.enrollment;

import io.lyftdata.api.Times;
import io.lyftdata.api.posture.Severity;
import io.lyftdata.db.Database;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Whether the shared secret has let workers in for too long. */
public final class EnrollmentPostureCheck implements PostureCheck {
    private static final Duration LONGEST = Duration.ofDays(7);

    private static final Rule RULE = new Rule(
            "enrollment-open",
            Severity.MEDIUM,
            "How long the enrollment secret in force has been there: more than " + LONGEST.toDays()
                    + " days is a finding.",
            "“Use auto-enrollment (LYFTDATA_AUTO_ENROLLMENT_KEY) only on trusted networks; rotate or disable the shared"
                    + " secret after provisioning.”",
            "`lyftdata enrollment disable`, or `lyftdata enrollment rotate` while workers are still to come.");

    private final Database database;
    private final Clock clock;

    public EnrollmentPostureCheck(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() {
        Instant now = clock.instant();
        return database.read(tx -> tx.attach(EnrollmentDao.class).since(now)).stream()
                .filter(secret ->
                        secret.isUsable(now) && secret.createdAt().plus(LONGEST).isBefore(now))
                .map(secret -> new Finding(
                        secret.id(),
                        "this enrollment secret has let workers in since " + Times.format(secret.createdAt())
                                + ", the last "
                                + (secret.lastUsedAt() == null ? "never" : "at " + Times.format(secret.lastUsedAt())),
                        "lyftdata enrollment disable"))
                .toList();
    }
}

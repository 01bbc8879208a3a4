package io.lyftdata.enrollment;

import io.lyftdata.crypto.Digests;
import io.lyftdata.db.Database;
import io.lyftdata.ledger.Change;
import io.lyftdata.ledger.Entry;
import io.lyftdata.ledger.Ledger;
import io.lyftdata.ledger.Topic;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Which secrets count now: what the database holds, as far as the ledger allows it. */
record InForce(Database database, Ledger ledger, Clock clock) {
    /** Facts of a secret's retirement: from when on it is not accepted, and what switched it off. */
    static final String UNTIL = "until";

    static final String CAUSE = "cause";
    static final String COUNT = "count";

    /** How long who joined by a secret's last use may ask again, having lost the answer. */
    private static final Duration REPEAT = Duration.ofMinutes(10);

    Optional<Entry> retirement(EnrollmentSecret secret) {
        return ledger.last(Topic.ENROLLMENT_SECRET, secret.fingerprint());
    }

    boolean isRetired(String fingerprint) {
        return ledger.last(Topic.ENROLLMENT_SECRET, fingerprint).isPresent();
    }

    boolean isOff() {
        return ledger.says(Topic.ENROLLMENT, Change.ALL, "off");
    }

    static Optional<Instant> end(Entry retirement) {
        return Optional.ofNullable(retirement.fact(UNTIL)).map(Instant::parse);
    }

    /** Whether the ledger lets anybody join by it now. */
    private boolean isAllowed(EnrollmentSecret secret) {
        Instant now = clock.instant();
        return !isOff()
                && retirement(secret)
                        .map(entry -> end(entry).filter(now::isBefore).isPresent())
                        .orElse(true);
    }

    /** Whether it was switched off by its own count a moment ago. */
    private boolean isJustUsedUp(EnrollmentSecret secret) {
        Instant since = clock.instant().minus(REPEAT);
        return retirement(secret)
                .filter(entry -> COUNT.equals(entry.fact(CAUSE)) && entry.time().isAfter(since))
                .isPresent();
    }

    private List<EnrollmentSecret> stored() {
        Instant since = clock.instant().minus(REPEAT);
        return database.read(tx -> tx.attach(EnrollmentDao.class).since(since));
    }

    /** Those that are not switched off, the one in force last; they may have expired. */
    List<EnrollmentSecret> live() {
        Instant now = clock.instant();
        return stored().stream()
                .filter(this::isAllowed)
                .filter(secret -> secret.active() || now.isBefore(secret.retiredAt()))
                .toList();
    }

    /** The secret in force. */
    Optional<EnrollmentSecret> active() {
        Instant now = clock.instant();
        return live().stream()
                .filter(secret -> secret.active() && secret.isUsable(now))
                .findFirst();
    }

    /** Whether workers may join by the secret with that id; by none when it is null. */
    boolean isLive(String secretId) {
        Instant now = clock.instant();
        return secretId != null
                && live().stream().anyMatch(secret -> secret.id().equals(secretId) && secret.isUsable(now));
    }

    /** The secret that this is, when workers may join by it, or by its own count no more since a moment ago. */
    Optional<EnrollmentSecret> match(String text) {
        String hash = Digests.sha256Hex(text);
        return stored().stream()
                .filter(secret -> Digests.same(secret.hash(), hash))
                .filter(secret -> isUsable(secret) || (secret.isUsedUp() && isAllowed(secret)) || isJustUsedUp(secret))
                .findFirst();
    }

    /** Whether another worker may join by it. */
    boolean isUsable(EnrollmentSecret secret) {
        return isAllowed(secret) && secret.isUsable(clock.instant());
    }
}

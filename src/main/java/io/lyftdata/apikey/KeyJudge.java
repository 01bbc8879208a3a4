package io.lyftdata.apikey;

import io.lyftdata.api.Workers.KeyView;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.ledger.Change;
import io.lyftdata.ledger.Entry;
import io.lyftdata.ledger.Topic;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Whether a key counts, by its row, the ledger and the rules. Costs no query; safe for use by many threads. */
public final class KeyJudge {
    static final String REASON = "reason";

    private final Restrictions restrictions;
    private final Clock clock;
    private final KeyRules rules;
    private final KeyRows rows = new KeyRows();

    public KeyJudge(Restrictions restrictions, Clock clock, KeyRules rules) {
        this.restrictions = restrictions;
        this.clock = clock;
        this.rules = rules;
    }

    /** Whether it was ended for good, by the database or the ledger. */
    boolean isRevoked(ApiKey key) {
        return key.state() == ApiKey.State.REVOKED || revocation(key).isPresent();
    }

    /** The ledger's entry that revoked it, alone or with all others. */
    Optional<Entry> revocation(ApiKey key) {
        return restrictions
                .ledger()
                .last(Topic.API_KEY, key.id())
                .or(() -> restrictions.ledger().since(Topic.API_KEY, Change.ALL, key.ledger()));
    }

    /** Whether its time is over, it has missed a deadline, or an epoch has begun since it was made. */
    boolean hasExpired(ApiKey key) {
        return key.hasExpired(now())
                || rules.isOverdue(key)
                || restrictions
                        .ledger()
                        .since(Topic.EPOCH, Change.ALL, key.ledger())
                        .isPresent();
    }

    /** Whether the server would accept it. */
    public boolean counts(ApiKey key) {
        return key.isLive() && !isRevoked(key) && !hasExpired(key);
    }

    /** When a key that a worker with these labels makes now is refused at the latest. */
    Instant endOfLife(Map<String, String> labels) {
        return now().plus(rules.maximumAge(labels));
    }

    /** When the key is refused, now that its successor is in use. */
    Instant endOfOverlap(ApiKey former) {
        Duration overlap = rules.overlap(former);
        Instant end = now().plus(overlap);
        return former.expiresAt() != null && former.expiresAt().isBefore(end) ? former.expiresAt() : end;
    }

    /** Whether a key of that id was ever revoked. */
    boolean wasRevoked(String keyId) {
        return restrictions.ledger().last(Topic.API_KEY, keyId).isPresent();
    }

    /** Null when it was not revoked by its id, or for no reason that was given. */
    String reasonOfRevocation(String keyId) {
        return restrictions
                .ledger()
                .last(Topic.API_KEY, keyId)
                .map(entry -> entry.fact(REASON))
                .orElse(null);
    }

    /** The ledger's last entry: what is entered later counts against a key that is made now. */
    long position() {
        return restrictions.ledger().position().sequence();
    }

    /** What is judged, and who must know of its changes. */
    KeyRows rows() {
        return rows;
    }

    Instant now() {
        return clock.instant();
    }

    Clock clock() {
        return clock;
    }

    /** The key as operators see it. */
    KeyView view(ApiKey key) {
        String state = isRevoked(key)
                ? "revoked"
                : key.isLive() && hasExpired(key)
                        ? "expired"
                        : key.state().name().toLowerCase(Locale.ROOT);
        return new KeyView(
                key.id(),
                key.workerId(),
                key.kind().name().toLowerCase(Locale.ROOT),
                state,
                key.createdAt(),
                key.firstUsedAt(),
                key.expiresAt(),
                key.revokedAt());
    }
}

package io.lyftdata.audit;

import io.lyftdata.api.AuditHead;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.Database;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Signs the chain's head, knows its own signatures again, and says whether the chain still holds them, each at a price
 * that does not grow with the fleet: what it says may be a second old. Safe for use by many threads.
 */
final class Heads {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final int REMEMBERED = 1_000;

    private final Database database;
    private final SigningKey key;
    private final String installation;
    private final Checkpoints checkpoints;
    private final LongSupplier ticks;
    /** Of the genuine heads used last, when the chain was seen to hold them. */
    private final Map<AuditHead, Long> genuine = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<AuditHead, Long> eldest) {
            return size() > REMEMBERED;
        }
    };

    private Optional<AuditHead> newest = Optional.empty();
    private long readAt;

    /** @param ticks monotonic nanoseconds */
    Heads(Database database, SigningKey key, String installation, LongSupplier ticks) {
        this.database = database;
        this.key = key;
        this.installation = installation;
        this.checkpoints = new Checkpoints(database, installation, key);
        this.ticks = ticks;
    }

    /** The chain's, signed; empty for a chain without records. */
    synchronized Optional<AuditHead> newest() {
        long now = ticks.getAsLong();
        if (newest.isEmpty() || now - readAt >= SECOND) {
            newest = database.read(tx -> tx.attach(AuditDao.class).head()).map(this::signed);
            newest.ifPresent(head -> genuine.put(head, now));
            readAt = now;
        }
        return newest;
    }

    /** The same as before while the chain has not moved. */
    private AuditHead signed(Head head) {
        AuditHead unsigned = new AuditHead(installation, head.segment(), head.position(), head.hash(), "");
        return newest.filter(last -> last.signed("").equals(unsigned))
                .orElseGet(() -> unsigned.signed(key.sign(unsigned.signedBytes())));
    }

    /** Whether it is of this installation, signed by its key. */
    boolean isGenuine(AuditHead head) {
        if (heldAt(head).isPresent()) {
            return true;
        }
        boolean isGenuine = key.signed(head.signedBytes(), head.signature());
        if (isGenuine) {
            remember(head, ticks.getAsLong() - SECOND);
        }
        return isGenuine;
    }

    /** Whether the chain holds a genuine head, or did until it was pruned. */
    boolean isHeld(AuditHead head) {
        long now = ticks.getAsLong();
        if (heldAt(head).filter(at -> now - at < SECOND).isPresent()) {
            return true;
        }
        boolean isHeld = database.read(tx -> tx.attach(AuditDao.class).hashAt(head.position()))
                        .filter(head.hash()::equals)
                        .isPresent()
                || checkpoints.covers(head);
        if (isHeld) {
            remember(head, now);
        }
        return isHeld;
    }

    private synchronized Optional<Long> heldAt(AuditHead head) {
        return Optional.ofNullable(genuine.get(head));
    }

    private synchronized void remember(AuditHead head, long heldAt) {
        genuine.put(head, heldAt);
    }
}

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
 * Signs the chain's head and knows its own signatures again, each at a price that does not grow with the fleet: it signs
 * at most once a second, and remembers the heads that it saw last. Safe for use by many threads.
 */
final class HeadSigner {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final int REMEMBERED = 1_000;

    private final Database database;
    private final SigningKey key;
    private final String installation;
    private final LongSupplier ticks;
    private final Map<AuditHead, Boolean> genuine = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<AuditHead, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    };
    private Optional<AuditHead> newest = Optional.empty();
    private long readAt;

    /** @param ticks monotonic nanoseconds */
    HeadSigner(Database database, SigningKey key, String installation, LongSupplier ticks) {
        this.database = database;
        this.key = key;
        this.installation = installation;
        this.ticks = ticks;
    }

    /** At most a second old; empty for a chain without records. */
    synchronized Optional<AuditHead> head() {
        long now = ticks.getAsLong();
        if (newest.isEmpty() || now - readAt >= SECOND) {
            readAt = now;
            newest = database.read(tx -> tx.attach(AuditDao.class).head()).map(this::signed);
        }
        return newest;
    }

    private AuditHead signed(Head head) {
        AuditHead unsigned = new AuditHead(installation, head.segment(), head.position(), head.hash(), "");
        if (newest.filter(last -> last.signed("").equals(unsigned)).isPresent()) {
            return newest.get();
        }
        AuditHead signed = unsigned.signed(key.sign(unsigned.signedBytes()));
        genuine.put(signed, true);
        return signed;
    }

    /** Whether this installation's key signed it. */
    boolean isGenuine(AuditHead head) {
        if (isRemembered(head)) {
            return true;
        }
        boolean isGenuine = key.signed(head.signedBytes(), head.signature());
        if (isGenuine) {
            remember(head);
        }
        return isGenuine;
    }

    private synchronized boolean isRemembered(AuditHead head) {
        return genuine.get(head) != null;
    }

    private synchronized void remember(AuditHead head) {
        genuine.put(head, true);
    }
}

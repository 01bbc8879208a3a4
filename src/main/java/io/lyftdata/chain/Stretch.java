package io.lyftdata.chain;

import io.lyftdata.audit.AuditRecord;
import io.lyftdata.db.Database;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A stretch of the chain, for those who look at it whole; safe for use by many threads. */
public final class Stretch {
    private static final int BATCH = 1000;

    private final Database database;

    public Stretch(Database database) {
        this.database = database;
    }

    /** Hands over each record from the first at or behind that time to the newest now, oldest first, without a gap. */
    public void read(Instant since, Consumer<AuditRecord> each) {
        Optional<Long> first = database.read(tx -> tx.attach(ChainDao.class).firstSince(since));
        if (first.isEmpty()) {
            return;
        }
        long last = database.read(tx -> tx.attach(ChainDao.class).last()).orElseThrow();
        for (long reached = first.get() - 1; reached < last; ) {
            long after = reached;
            int limit = (int) Math.min(BATCH, last - reached);
            List<AuditRecord> next =
                    database.read(tx -> tx.attach(ChainDao.class).after(after, limit));
            if (next.isEmpty()) {
                return;
            }
            next.forEach(each);
            reached = next.get(next.size() - 1).position();
        }
    }
}

package io.lyftdata.chain;

import io.dropwizard.lifecycle.Managed;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.audit.Place;
import io.lyftdata.audit.AuditRecord;
import io.lyftdata.db.Database;
import io.lyftdata.syslog.NotDelivered;
import io.lyftdata.syslog.SyslogMessage;
import io.lyftdata.syslog.SyslogTarget;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ships every record to the collector, each at least once and in order, from where it stood before a restart. No change
 * ever waits for it; while the collector is away it tries again, ever less often up to once a minute. Safe for use by
 * many threads.
 */
public final class Shipper implements Managed {
    private static final Logger LOG = LoggerFactory.getLogger(Shipper.class);
    private static final int MOST = 1_000;
    private static final int LONGEST_PAUSE = 60;

    private final Database database;
    private final Exports exports;
    private final SyslogTarget target;
    private final String host;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "audit-shipper");
        thread.setDaemon(true);
        return thread;
    });

    private ScheduledFuture<?> sweeps;
    /** In sweeps. */
    private int pause;

    private int skipped;
    private volatile String trouble;

    /** @param host this server's name */
    public Shipper(Database database, Exports exports, SyslogTarget target, String host) {
        this.database = database;
        this.exports = exports;
        this.target = target;
        this.host = host;
    }

    private String mark() {
        return "target " + target;
    }

    @Override
    public void start() {
        sweeps = executor.scheduleWithFixedDelay(this::sweep, 1, 1, TimeUnit.SECONDS);
    }

    @Override
    public void stop() throws InterruptedException {
        sweeps.cancel(true);
        executor.shutdownNow();
        executor.awaitTermination(2, TimeUnit.SECONDS);
    }

    /** Each second, but after a failure less and less often. */
    private void sweep() {
        if (skipped < pause) {
            skipped++;
            return;
        }
        skipped = 0;
        pause = ship() ? 0 : Math.min(2 * pause + 1, LONGEST_PAUSE);
    }

    /** Ships all that is new; false when it could not. */
    boolean ship() {
        try {
            while (!Thread.currentThread().isInterrupted() && shipSome()) {
                tell(null);
            }
            tell(null);
            return true;
        } catch (NotDelivered e) {
            tell(e.getMessage());
        } catch (RuntimeException e) {
            LOG.warn("records could not be read, or their place not kept, to be shipped; it is tried again", e);
            trouble = "the audit log could not be read, or the place in it not kept; see the server's log";
        }
        return false;
    }

    private boolean shipSome() throws NotDelivered {
        List<AuditRecord> next = next();
        if (next.isEmpty()) {
            return false;
        }
        target.send(next.stream()
                .map(record -> SyslogMessage.of(record.line(), host))
                .toList());
        AuditRecord last = next.get(next.size() - 1);
        database.write(tx -> {
            tx.attach(ChainDao.class).mark(mark(), last.position(), last.hash());
            return null;
        });
        return true;
    }

    private List<AuditRecord> next() {
        Optional<Place> from = database.read(tx -> tx.attach(ChainDao.class).place(mark()));
        try {
            return exports.behind(from, MOST);
        } catch (Refusal e) {
            LOG.warn(
                    "the audit log is not the one that was shipped to {}, so all of it is shipped: {}",
                    target,
                    e.detail());
            return exports.behind(Optional.empty(), MOST);
        }
    }

    /** Logs what has changed. */
    private void tell(String now) {
        String before = trouble;
        trouble = now;
        if (now != null && before == null) {
            LOG.warn("audit records wait: {}", now);
        } else if (now == null && before != null) {
            LOG.info("the collector at {} takes audit records again", target);
        }
    }

    /** Why records wait; empty while they do not. */
    Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    /** How many records the collector does not have yet. */
    public long behind() {
        return database.read(tx -> tx.attach(ChainDao.class).last().orElse(0L) - reached(tx));
    }

    /** Up to which position the collector has the chain; 0: it has nothing. */
    public long reached(Handle tx) {
        return tx.attach(ChainDao.class).mark(mark()).orElse(0L);
    }
}

package io.lyftdata.audit;

import io.dropwizard.lifecycle.Managed;
import io.lyftdata.db.Reserve;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Each second makes the reserve whole when there is room again, and brings refusals into the chain, and the database to the ledger's state when it has fallen behind; the last
 * refusals when the server stops.
 */
public final class AuditSweeper implements Managed {
    private static final Logger LOG = LoggerFactory.getLogger(AuditSweeper.class);

    private final Refusals refusals;
    private final Restrictions restrictions;
    private final Reserve reserve;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "audit-sweeper");
        thread.setDaemon(true);
        return thread;
    });

    private ScheduledFuture<?> sweeps;

    public AuditSweeper(Refusals refusals, Restrictions restrictions, Reserve reserve) {
        this.refusals = refusals;
        this.restrictions = restrictions;
        this.reserve = reserve;
    }

    @Override
    public void start() {
        sweeps = executor.scheduleWithFixedDelay(this::sweep, 1, 1, TimeUnit.SECONDS);
    }

    @Override
    public void stop() throws InterruptedException {
        sweeps.cancel(false);
        executor.shutdown();
        executor.awaitTermination(2, TimeUnit.SECONDS);
        orLog(refusals::flush);
    }

    private void sweep() {
        reserve.refill();
        restrictions.catchUp();
        orLog(refusals::sweep);
    }

    /** An exception that got through would end all further sweeps. */
    private static void orLog(Runnable sweep) {
        try {
            sweep.run();
        } catch (RuntimeException e) {
            LOG.warn("refusals could not be recorded; the next sweep tries again", e);
        }
    }
}

package io.lyftdata.audit;

import io.dropwizard.lifecycle.Managed;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings refusals into the chain each second, and the last of them when the server stops. */
public final class AuditSweeper implements Managed {
    private static final Logger LOG = LoggerFactory.getLogger(AuditSweeper.class);

    private final Refusals refusals;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "audit-sweeper");
        thread.setDaemon(true);
        return thread;
    });

    private ScheduledFuture<?> sweeps;

    public AuditSweeper(Refusals refusals) {
        this.refusals = refusals;
    }

    @Override
    public void start() {
        sweeps = executor.scheduleWithFixedDelay(() -> orLog(refusals::sweep), 1, 1, TimeUnit.SECONDS);
    }

    @Override
    public void stop() throws InterruptedException {
        sweeps.cancel(false);
        executor.shutdown();
        executor.awaitTermination(2, TimeUnit.SECONDS);
        orLog(refusals::flush);
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

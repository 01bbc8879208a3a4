package io.lyftdata.logs;

import io.dropwizard.lifecycle.Managed;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps telemetry within its days and its share of the disk: whole days go, oldest first, never the newest; when that
 * is not enough, nothing more is taken until there is room.
 */
public final class LogSweeper implements Managed {
    private static final Logger LOG = LoggerFactory.getLogger(LogSweeper.class);
    private static final int INTERVAL_SECONDS = 4;

    private final LogStore store;
    private final Space space;
    private final Supplier<LogConfig> config;
    private final Runnable staleMetrics;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "telemetry-sweeper");
        thread.setDaemon(true);
        return thread;
    });
    private ScheduledFuture<?> sweeps;

    /**
     * @param config asked at every sweep, so that a reload counts
     * @param staleMetrics drops what is stale of the workers' metrics
     */
    public LogSweeper(LogStore store, Space space, Supplier<LogConfig> config, Runnable staleMetrics) {
        this.store = store;
        this.space = space;
        this.config = config;
        this.staleMetrics = staleMetrics;
    }

    @Override
    public void start() {
        sweeps = executor.scheduleWithFixedDelay(this::sweepOrLog, 0, INTERVAL_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void stop() throws InterruptedException {
        sweeps.cancel(false);
        executor.shutdown();
        executor.awaitTermination(INTERVAL_SECONDS, TimeUnit.SECONDS);
    }

    /** Once, now. */
    public void sweep() {
        staleMetrics.run();
        LogConfig limits = config.get();
        store.dropOlderThan(limits.retentionDays());
        int max = limits.diskUsageMaxPercentage();
        boolean isFull = space.isAbove(max);
        while (isFull && store.dropOldest()) {
            isFull = space.isAbove(max);
        }
        space.setFull(isFull);
    }

    /** An exception that got through would end all further sweeps. */
    private void sweepOrLog() {
        try {
            sweep();
        } catch (RuntimeException e) {
            LOG.warn("a sweep of telemetry failed; the next one tries again", e);
        }
    }
}

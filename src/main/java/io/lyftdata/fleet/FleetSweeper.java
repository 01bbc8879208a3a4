package io.lyftdata.fleet;

import io.dropwizard.lifecycle.Managed;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Each second ends what has an end: isolations and enrollment secrets whose time is over. */
public final class FleetSweeper implements Managed {
    private static final Logger LOG = LoggerFactory.getLogger(FleetSweeper.class);

    private final List<Runnable> sweeps;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "fleet-sweeper");
        thread.setDaemon(true);
        return thread;
    });

    private ScheduledFuture<?> scheduled;

    public FleetSweeper(List<Runnable> sweeps) {
        this.sweeps = List.copyOf(sweeps);
    }

    @Override
    public void start() {
        scheduled = executor.scheduleWithFixedDelay(this::sweep, 1, 1, TimeUnit.SECONDS);
    }

    @Override
    public void stop() throws InterruptedException {
        scheduled.cancel(false);
        executor.shutdown();
        executor.awaitTermination(2, TimeUnit.SECONDS);
    }

    /** One after the other; what one could not end is tried again by the next sweep. */
    private void sweep() {
        for (Runnable sweep : sweeps) {
            try {
                sweep.run();
            } catch (RuntimeException e) {
                LOG.warn("what is over could not be ended; the next sweep tries again", e);
            }
        }
    }
}

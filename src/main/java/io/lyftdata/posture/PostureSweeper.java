package io.lyftdata.posture;

import io.dropwizard.lifecycle.Managed;
import io.lyftdata.auth.Caller;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs every check a minute after the start and then each hour; once a day with a record. */
public final class PostureSweeper implements Managed {
    private static final Logger LOG = LoggerFactory.getLogger(PostureSweeper.class);

    private final Posture posture;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "posture-sweeper");
        thread.setDaemon(true);
        return thread;
    });

    private ScheduledFuture<?> sweeps;

    public PostureSweeper(Posture posture) {
        this.posture = posture;
    }

    @Override
    public void start() {
        sweeps = executor.scheduleWithFixedDelay(this::sweepOrLog, 1, 60, TimeUnit.MINUTES);
    }

    @Override
    public void stop() throws InterruptedException {
        sweeps.cancel(false);
        executor.shutdown();
        executor.awaitTermination(2, TimeUnit.SECONDS);
    }

    /** An exception that got through would end all further sweeps. */
    private void sweepOrLog() {
        try {
            sweep();
        } catch (RuntimeException e) {
            LOG.warn("the posture could not be checked; the next sweep tries again", e);
        }
    }

    void sweep() {
        if (posture.isDue()) {
            posture.record(Caller.server());
        } else {
            posture.look();
        }
    }
}

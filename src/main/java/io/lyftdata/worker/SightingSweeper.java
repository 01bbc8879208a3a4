package io.lyftdata.worker;

import io.dropwizard.lifecycle.Managed;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings sightings to disk, at most five seconds old while the disk takes them; the last when the server stops. */
public final class SightingSweeper implements Managed {
    private static final Logger LOG = LoggerFactory.getLogger(SightingSweeper.class);
    private static final long SECONDS = 4;

    private final Sightings sightings;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "sighting-sweeper");
        thread.setDaemon(true);
        return thread;
    });

    private ScheduledFuture<?> sweeps;
    private boolean isFailing;

    public SightingSweeper(Sightings sightings) {
        this.sightings = sightings;
    }

    @Override
    public void start() {
        executor.execute(this::load);
        sweeps = executor.scheduleAtFixedRate(this::sweep, SECONDS, SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void stop() throws InterruptedException {
        sweeps.cancel(false);
        executor.shutdown();
        executor.awaitTermination(SECONDS, TimeUnit.SECONDS);
        sweep();
    }

    private void load() {
        try {
            sightings.load();
        } catch (RuntimeException e) {
            LOG.warn("when workers were last seen cannot be read at once; it is read one by one", e);
        }
    }

    /** An exception that got through would end all further sweeps. */
    void sweep() {
        try {
            sightings.flush();
            isFailing = false;
        } catch (RuntimeException e) {
            if (!isFailing) {
                LOG.warn("when workers were last seen cannot be written down; it is tried every {} s", SECONDS, e);
            }
            isFailing = true;
        }
    }
}

package io.lyftdata.apikey;

import io.dropwizard.lifecycle.Managed;
import io.lyftdata.db.Database;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forgets keys that ended long ago, so that the table grows with the fleet and not with time. A forgotten key stays
 * refused: it is unknown.
 */
public final class ApiKeySweeper implements Managed {
    private static final Logger LOG = LoggerFactory.getLogger(ApiKeySweeper.class);
    private static final Duration MEMORY = Duration.ofDays(90);

    private final ApiKeys keys;
    private final Database database;
    private final Clock clock;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "api-key-sweeper");
        thread.setDaemon(true);
        return thread;
    });

    private ScheduledFuture<?> sweeps;

    public ApiKeySweeper(ApiKeys keys, Database database, Clock clock) {
        this.keys = keys;
        this.database = database;
        this.clock = clock;
    }

    @Override
    public void start() {
        timer.execute(this::load);
        sweeps = timer.scheduleWithFixedDelay(this::sweep, 1, 1, TimeUnit.HOURS);
    }

    private void load() {
        try {
            keys.load();
        } catch (RuntimeException e) {
            LOG.warn("the workers' keys cannot be read at once; they are read one by one", e);
        }
    }

    /** One round. */
    public void sweep() {
        try {
            int forgotten = database.write(
                    tx -> tx.attach(ApiKeyDao.class).forget(clock.instant().minus(MEMORY)));
            LOG.debug("{} keys that ended long ago were forgotten", forgotten);
        } catch (RuntimeException e) {
            LOG.warn("keys that ended long ago could not be forgotten; it is tried again in an hour", e);
        }
    }

    @Override
    public void stop() throws InterruptedException {
        sweeps.cancel(false);
        timer.shutdown();
        timer.awaitTermination(2, TimeUnit.SECONDS);
    }
}

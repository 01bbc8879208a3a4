package io.lyftdata.logs;

import io.dropwizard.lifecycle.Managed;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Event;
import io.lyftdata.host.Space;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
    /** How many percent below the limit the disk begins to count as filling. */
    private static final int MARGIN = 5;

    /**
     * Lets no day's logs go without a word: that it is next is recorded a day before its time is over, or while the disk
     * has some percent left; that it goes is recorded before it is deleted. For one thread at a time.
     */
    private static final class Pruning {
        /** A reason, as the records say it. */
        private enum Reason {
            AGE("older than log-retention-days"),
            DISK("the disk is above disk-usage-max-percentage");

            private final String sentence;

            Reason(String sentence) {
                this.sentence = sentence;
            }
        }

        private record Announced(LocalDate day, Reason reason) {}

        private final LogStore store;
        private final Consumer<Event> record;
        private final Set<Announced> announced = new HashSet<>();

        /** @param record takes an event into the audit log, or throws */
        private Pruning(LogStore store, Consumer<Event> record) {
            this.store = store;
            this.record = record;
        }

        /** Says, once, that the day is next. */
        private void announce(LocalDate day, Reason reason) {
            if (!announced.contains(new Announced(day, reason))) {
                record.accept(Event.of(Action.LOGS_PRUNING_ANNOUNCED, "logs of " + day)
                        .set("reason", reason.sentence));
                announced.add(new Announced(day, reason));
            }
        }

        /** Deletes the day, and nothing when it cannot be recorded. */
        private void drop(LocalDate day, Reason reason) {
            announce(day, reason);
            record.accept(Event.of(Action.LOGS_PRUNED, "logs of " + day).set("reason", reason.sentence));
            store.drop(day, reason.sentence);
            announced.removeIf(past -> past.day().equals(day));
        }
    }

    private final LogStore store;
    private final Space space;
    private final Pruning pruning;
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
     * @param record takes what is pruned into the audit log
     */
    public LogSweeper(
            LogStore store, Space space, Supplier<LogConfig> config, Runnable staleMetrics, Consumer<Event> record) {
        this.store = store;
        this.pruning = new Pruning(store, record);
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

    /** When the oldest day's logs will have outlived their retention; empty when there are none. */
    public Optional<Instant> nextPruning() {
        Duration kept = Duration.ofDays(config.get().retentionDays() + 1L);
        return store.oldest().map(began -> began.plus(kept));
    }

    /** Once, now. */
    public void sweep() {
        staleMetrics.run();
        store.checkpoint();
        LogConfig limits = config.get();
        store.olderThan(limits.retentionDays()).forEach(day -> pruning.drop(day, Pruning.Reason.AGE));
        store.olderThan(limits.retentionDays() - 1).forEach(day -> pruning.announce(day, Pruning.Reason.AGE));
        int max = limits.diskUsageMaxPercentage();
        boolean isFull = space.isAbove(max);
        for (LocalDate day : store.droppable()) {
            if (!isFull) {
                break;
            }
            pruning.drop(day, Pruning.Reason.DISK);
            isFull = space.isAbove(max);
        }
        if (space.isAbove(max - MARGIN)) {
            store.droppable().stream().findFirst().ifPresent(day -> pruning.announce(day, Pruning.Reason.DISK));
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

package io.lyftdata.backup;

import io.dropwizard.lifecycle.Managed;
import io.lyftdata.api.backup.Backups.View;
import io.lyftdata.auth.Caller;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the scheduled backup, prunes behind it, and once a minute looks at what there is, so that health and metrics
 * answer at once even when a directory hangs.
 */
public final class BackupWatch implements Managed {
    private static final Logger LOG = LoggerFactory.getLogger(BackupWatch.class);
    private static final Duration LATE = Duration.ofHours(6);

    private final Backups backups;
    private final BackupRuns runs;
    private final BackupConfig config;
    private final Clock clock;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "backup-watch");
        thread.setDaemon(true);
        return thread;
    });
    private volatile Optional<String> finding = Optional.empty();
    private volatile Optional<Instant> lastProven = Optional.empty();
    private volatile Optional<Instant> lastMade = Optional.empty();
    private ScheduledFuture<?> sweeps;
    private Instant triedAt = Instant.EPOCH;

    public BackupWatch(Backups backups, BackupRuns runs, BackupConfig config, Clock clock) {
        this.backups = backups;
        this.runs = runs;
        this.config = config;
        this.clock = clock;
    }

    @Override
    public void start() {
        sweeps = executor.scheduleWithFixedDelay(this::sweepOrLog, 1, 60, TimeUnit.SECONDS);
    }

    @Override
    public void stop() throws InterruptedException {
        sweeps.cancel(false);
        executor.shutdown();
        runs.stop();
    }

    /** An exception that got through would end all further sweeps. */
    private void sweepOrLog() {
        try {
            sweep();
        } catch (RuntimeException e) {
            LOG.warn("the backups could not be looked at; the next sweep tries again", e);
        }
    }

    /** Once, now. */
    public void sweep() {
        List<View> all = backups.list();
        Optional<Instant> due = due();
        if (due.isPresent() && isDue(due.get(), all)) {
            triedAt = clock.instant();
            try {
                runs.finish(Caller.server(), false);
                backups.prune(Caller.server());
            } catch (RuntimeException e) {
                LOG.error("the scheduled backup was not made", e);
            }
            all = backups.list();
        }
        lastMade = all.stream().map(View::createdAt).filter(Objects::nonNull).findFirst();
        lastProven = all.stream().map(View::provenAt).filter(Objects::nonNull).findFirst();
        finding = all.stream()
                .findFirst()
                .flatMap(this::incomplete)
                .or(() -> overdue(due))
                .or(this::unproven);
    }

    /** The last time of the schedule that has come. */
    private Optional<Instant> due() {
        Optional<LocalTime> time = config.time();
        return time.map(at -> {
            Instant today = clock.instant().atOffset(ZoneOffset.UTC).with(at).toInstant();
            return today.isAfter(clock.instant()) ? today.minus(Duration.ofDays(1)) : today;
        });
    }

    /** One that failed is tried again each hour. */
    private boolean isDue(Instant due, List<View> all) {
        boolean isMade = all.stream()
                .anyMatch(view -> view.createdAt() != null && !view.createdAt().isBefore(due));
        return !isMade && Duration.between(triedAt, clock.instant()).compareTo(Duration.ofHours(1)) >= 0;
    }

    private Optional<String> incomplete(View newest) {
        return Backups.lack(newest.name(), newest.lacks())
                .or(() -> config.copies().stream()
                        .filter(copy -> !newest.copies().contains(copy))
                        .map(copy -> Backups.copyFailure(copy, newest.name()))
                        .findFirst());
    }

    private Optional<String> overdue(Optional<Instant> due) {
        boolean isLate = due.isPresent()
                && lastMade.filter(made -> !made.isBefore(due.get())).isEmpty()
                && clock.instant().isAfter(due.get().plus(LATE));
        return isLate
                ? Optional.of("the backup that was due at " + due.get()
                        + " was not made: see the server's log, then run:" + " lyftdata backup create")
                : Optional.empty();
    }

    private Optional<String> unproven() {
        Optional<Instant> since = backups.unprovenSince();
        boolean isOld = since.filter(from -> clock.instant().isAfter(from.plus(config.provenWithin())))
                .isPresent();
        return isOld
                ? Optional.of("no backup was proven since " + since.get()
                        + ": where the identity is, run: lyftdata backup" + " verify FILE --identity FILE --record")
                : Optional.empty();
    }

    /** What is wrong and what to do about it; empty when nothing is. */
    Optional<String> finding() {
        return runs.failure().or(() -> finding);
    }

    /** In epoch seconds; 0: none. */
    public long lastProven() {
        return lastProven.map(Instant::getEpochSecond).orElse(0L);
    }

    /** In epoch seconds; 0: none. */
    public long lastMade() {
        return lastMade.map(Instant::getEpochSecond).orElse(0L);
    }
}

package io.lyftdata.backup;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.backup.Backups.Run;
import io.lyftdata.auth.Caller;
import io.lyftdata.snapshot.GivingWay;
import io.lyftdata.snapshot.Progress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.MDC;

/** Makes backups behind the caller's back when they take long, one at a time. Safe for use by many threads. */
public final class BackupRuns {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Backups backups;
    private final ExecutorService executor = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "backup");
        thread.setDaemon(true);
        return thread;
    });
    private CompletableFuture<Run> last = new CompletableFuture<>();
    private volatile Run state;
    private volatile BooleanSupplier isBusy = () -> false;

    public BackupRuns(Backups backups) {
        this.backups = backups;
    }

    /** While the server is busy a backup takes little of its time, and many times as long. */
    public void giveWayWhile(BooleanSupplier busy) {
        isBusy = busy;
    }

    /**
     * Begins to make a backup, and waits a while for its end.
     *
     * @param telemetry whether logs and metrics are in it too; the configuration may say so for all
     * @throws Refusal {@code conflict} when one is under way; otherwise why none was made
     */
    public Run start(Caller caller, boolean telemetry) {
        CompletableFuture<Run> run = begin(caller, telemetry);
        try {
            return run.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return state;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return state;
        } catch (ExecutionException e) {
            throw unwrapped(e.getCause());
        }
    }

    /** The same, but waits for its end however long it takes. */
    Run finish(Caller caller, boolean telemetry) {
        try {
            return begin(caller, telemetry).join();
        } catch (CompletionException e) {
            throw unwrapped(e.getCause());
        }
    }

    private static RuntimeException unwrapped(Throwable cause) {
        return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
    }

    private synchronized CompletableFuture<Run> begin(Caller caller, boolean telemetry) {
        backups.requireRecipients();
        if (state != null && !last.isDone()) {
            throw new Refusal(
                    Code.CONFLICT, "a backup is being made already; lyftdata backup list shows when it is done");
        }
        state = running("beginning", 0, 1);
        var request = MDC.getCopyOfContextMap();
        last = CompletableFuture.supplyAsync(
                () -> {
                    if (request != null) {
                        MDC.setContextMap(request);
                    }
                    return make(caller, telemetry);
                },
                executor);
        return last;
    }

    private Run make(Caller caller, boolean telemetry) {
        try {
            Progress progress = new GivingWay(
                    (step, done, total) -> state = running(step, done, total),
                    isBusy,
                    System::nanoTime,
                    LockSupport::parkNanos);
            Backups.Made made = backups.create(caller, telemetry, progress);
            String failure = made.failures().isEmpty() ? null : String.join("; ", made.failures());
            state = new Run(failure == null ? "done" : "failed", "", 1, 1, backups.view(made.name()), failure);
            return state;
        } catch (RuntimeException e) {
            String reason = e instanceof Refusal refusal ? refusal.getMessage() : "see the server's log";
            state = new Run("failed", "", 0, 1, null, reason);
            throw e;
        } finally {
            MDC.clear();
        }
    }

    private static Run running(String step, long done, long total) {
        return new Run("running", step, done, total, null, null);
    }

    /** The one under way, or the last one since the start. */
    public Run state() {
        if (state == null) {
            throw new Refusal(Code.NOT_FOUND, "no backup was made since the server started");
        }
        return state;
    }

    /** Why the last one since the start did not succeed; empty when it did. */
    Optional<String> failure() {
        return Optional.ofNullable(state).map(Run::failure);
    }

    /** Lets one that is under way end, for a while. */
    void stop() throws InterruptedException {
        executor.shutdown();
        executor.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
}

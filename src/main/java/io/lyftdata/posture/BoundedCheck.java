package io.lyftdata.posture;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A check that fails when it hangs, as one does on the disk of a file server that is away, and that hangs in one thread
 * only. For one run at a time.
 */
final class BoundedCheck {
    private final PostureCheck check;
    private FutureTask<List<Finding>> look;
    private boolean hangs;

    BoundedCheck(PostureCheck check) {
        this.check = check;
        this.look = new FutureTask<>(List::of);
        this.look.run();
    }

    Rule rule() {
        return check.rule();
    }

    /** Looks, and comes back after this time at the latest, so that others that hang with it take their time too. */
    void begin(Duration grace) {
        hangs = !look.isDone();
        if (hangs) {
            return;
        }
        look = new FutureTask<>(check::find);
        Thread thread = new Thread(look, "posture-" + rule().id());
        thread.setDaemon(true);
        thread.start();
        try {
            look.get(grace.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // The end tells.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * What it has found, waiting for it until then.
     *
     * @param deadline of {@link System#nanoTime()}
     * @throws IOException when it has failed or hangs
     */
    List<Finding> end(long deadline) throws IOException {
        if (hangs) {
            throw new IOException("it still hangs in an earlier run");
        }
        try {
            return look.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new IOException("it has not ended in time", e);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("the server stops").initCause(e);
        }
    }
}

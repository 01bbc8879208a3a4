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
final class BoundedCheck implements PostureCheck {
    private final PostureCheck check;
    private final Duration longest;
    private FutureTask<List<Finding>> look;

    BoundedCheck(PostureCheck check, Duration longest) {
        this.check = check;
        this.longest = longest;
        this.look = new FutureTask<>(List::of);
        this.look.run();
    }

    @Override
    public Rule rule() {
        return check.rule();
    }

    @Override
    public List<Finding> find() throws IOException {
        if (!look.isDone()) {
            throw new IOException("it still hangs in an earlier run");
        }
        look = new FutureTask<>(check::find);
        Thread thread = new Thread(look, "posture-" + rule().id());
        thread.setDaemon(true);
        thread.start();
        try {
            return look.get(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException("it has not ended within " + longest.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("the server stops").initCause(e);
        }
    }
}

package io.lyftdata.clone;

import com.codahale.metrics.health.HealthCheck;
import java.util.List;

/** Unhealthy while two processes act as one worker. */
public final class CloneCheck extends HealthCheck {
    private final Clones clones;

    public CloneCheck(Clones clones) {
        this.clones = clones;
    }

    @Override
    protected Result check() {
        List<String> open = clones.open();
        return open.isEmpty()
                ? Result.healthy()
                : Result.unhealthy("two processes act as one worker: " + String.join(", ", open)
                        + "; see lyftdata audit list --action worker_cloned; isolate the worker, or give the copy an"
                        + " empty jobs directory and reset the worker");
    }
}

package io.lyftdata.fleet;

import io.lyftdata.api.fleet.Fleet.Release;
import io.lyftdata.api.fleet.Fleet.Scope;
import io.lyftdata.auth.Caller;
import io.lyftdata.http.AdminTasks;

/** {@code release-worker}: lets in again one worker, or all that a scope names. */
public final class ReleaseWorkerTask implements AdminTasks.Task<ReleaseWorkerTask.Arguments> {
    private final Fleet fleet;

    public ReleaseWorkerTask(Fleet fleet) {
        this.fleet = fleet;
    }

    /**
     * @param worker its id; null when there is a scope
     * @param preview true: nothing is done; only with a scope
     */
    public record Arguments(String worker, Scope scope, Boolean preview) {}

    @Override
    public String name() {
        return "release-worker";
    }

    @Override
    public Class<Arguments> arguments() {
        return Arguments.class;
    }

    @Override
    public Object run(Caller host, Arguments wish) {
        Scopes.refuseBoth(wish.worker(), wish.scope(), wish.preview());
        return wish.worker() != null
                ? fleet.release(host, wish.worker())
                : fleet.release(host, new Release(wish.scope(), wish.preview()));
    }
}

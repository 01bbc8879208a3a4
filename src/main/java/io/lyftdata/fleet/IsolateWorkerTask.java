package io.lyftdata.fleet;

import io.lyftdata.api.Workers.Isolate;
import io.lyftdata.api.fleet.Fleet.Scope;
import io.lyftdata.auth.Caller;
import io.lyftdata.http.AdminTasks;

/** {@code isolate-worker}: shuts out one worker, or all that a scope names. */
public final class IsolateWorkerTask implements AdminTasks.Task<IsolateWorkerTask.Arguments> {
    private final Fleet fleet;

    public IsolateWorkerTask(Fleet fleet) {
        this.fleet = fleet;
    }

    /**
     * @param worker its id; null when there is a scope
     * @param preview true: nothing is done; only with a scope
     */
    public record Arguments(String worker, Scope scope, String reason, Long expiresInSeconds, Boolean preview) {}

    @Override
    public String name() {
        return "isolate-worker";
    }

    @Override
    public Class<Arguments> arguments() {
        return Arguments.class;
    }

    @Override
    public Object run(Caller host, Arguments wish) {
        Scopes.refuseBoth(wish.worker(), wish.scope(), wish.preview());
        return wish.worker() != null
                ? fleet.isolate(host, wish.worker(), new Isolate(wish.reason(), wish.expiresInSeconds()))
                : fleet.isolate(
                        host,
                        new io.lyftdata.api.fleet.Fleet.Isolate(
                                wish.scope(), wish.reason(), wish.expiresInSeconds(), wish.preview()));
    }
}

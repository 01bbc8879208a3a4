package io.lyftdata.lockdown;

import io.lyftdata.api.lockdown.Lockdown.View;
import io.lyftdata.api.lockdown.Lockdown.Wish;
import io.lyftdata.auth.Caller;
import io.lyftdata.http.AdminTasks;

/** {@code lockdown}: switches it on or off; works whatever it shuts out. */
public final class LockdownTask implements AdminTasks.Task<Wish> {
    private final Lockdown lockdown;

    public LockdownTask(Lockdown lockdown) {
        this.lockdown = lockdown;
    }

    @Override
    public String name() {
        return "lockdown";
    }

    @Override
    public Class<Wish> arguments() {
        return Wish.class;
    }

    @Override
    public View run(Caller host, Wish wish) {
        return lockdown.set(host, wish);
    }
}

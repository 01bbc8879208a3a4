package io.lyftdata.lockdown;

import com.codahale.metrics.health.HealthCheck;
import io.lyftdata.api.Times;
import io.lyftdata.api.lockdown.Lockdown.View;

/** Unhealthy while the lockdown is on, so that nobody forgets it. */
public final class LockdownCheck extends HealthCheck {
    private final Lockdown lockdown;

    public LockdownCheck(Lockdown lockdown) {
        this.lockdown = lockdown;
    }

    @Override
    protected Result check() {
        View view = lockdown.view();
        return view.on()
                ? Result.unhealthy("locked down since " + Times.format(view.since()) + " by " + view.by()
                        + "; administrators get in from this host"
                        + (view.from().isEmpty() ? "" : " and " + String.join(", ", view.from()))
                        + "; when the incident is over: lyftdata incident lockdown off")
                : Result.healthy();
    }
}

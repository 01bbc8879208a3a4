package io.lyftdata.audit;

import com.codahale.metrics.health.HealthCheck;

/** Unhealthy while a loss in the audit log is not acknowledged. */
public final class RollbackCheck extends HealthCheck {
    private final Alarms alarms;

    public RollbackCheck(Alarms alarms) {
        this.alarms = alarms;
    }

    @Override
    protected Result check() {
        return alarms.finding().map(Result::unhealthy).orElseGet(Result::healthy);
    }
}

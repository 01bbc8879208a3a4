package io.lyftdata.audit;

import com.codahale.metrics.health.HealthCheck;

/** Unhealthy while a loss of that kind in the audit log is not acknowledged. */
public final class LossCheck extends HealthCheck {
    private final Alarms alarms;
    private final Action loss;

    public LossCheck(Alarms alarms, Action loss) {
        this.alarms = alarms;
        this.loss = loss;
    }

    @Override
    protected Result check() {
        return alarms.finding(loss).map(Result::unhealthy).orElseGet(Result::healthy);
    }
}

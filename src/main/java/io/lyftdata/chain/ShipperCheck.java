package io.lyftdata.chain;

import com.codahale.metrics.health.HealthCheck;

/** Unhealthy while the collector of {@code audit.target} does not take what is new. */
public final class ShipperCheck extends HealthCheck {
    private final Shipper shipper;

    public ShipperCheck(Shipper shipper) {
        this.shipper = shipper;
    }

    @Override
    protected Result check() {
        return shipper.trouble()
                .map(trouble ->
                        Result.unhealthy(shipper.behind() + " audit records wait, and none is lost: " + trouble))
                .orElseGet(Result::healthy);
    }
}

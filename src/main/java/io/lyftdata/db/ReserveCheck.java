package io.lyftdata.db;

import com.codahale.metrics.health.HealthCheck;

/** Unhealthy while the disk is so full that the server lives on its reserve. */
public final class ReserveCheck extends HealthCheck {
    private final Reserve reserve;

    public ReserveCheck(Reserve reserve) {
        this.reserve = reserve;
    }

    @Override
    protected Result check() {
        return reserve.isReleased()
                ? Result.unhealthy("the disk of the staging directory is full: telemetry is refused, and the rest is"
                        + " written into a reserve, of which " + reserve.left() / 1024
                        + " KiB are left; free space, the server makes the reserve whole by itself")
                : Result.healthy();
    }
}

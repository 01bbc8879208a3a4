package io.lyftdata.backup;

import com.codahale.metrics.health.HealthCheck;

/** Unhealthy while a backup, a part of it or a copy of it is missing, or none was proven for too long. */
public final class BackupCheck extends HealthCheck {
    private final BackupWatch watch;

    public BackupCheck(BackupWatch watch) {
        this.watch = watch;
    }

    @Override
    protected Result check() {
        return watch.finding().map(Result::unhealthy).orElseGet(Result::healthy);
    }
}

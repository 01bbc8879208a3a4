package io.lyftdata.db;

import com.codahale.metrics.health.HealthCheck;

/** Whether the control database answers. */
public final class DatabaseCheck extends HealthCheck {
    private final Database database;

    public DatabaseCheck(Database database) {
        this.database = database;
    }

    @Override
    protected Result check() {
        int one = database.read(
                tx -> tx.createQuery("SELECT 1").mapTo(Integer.class).one());
        return one == 1 ? Result.healthy() : Result.unhealthy("the database answers nonsense");
    }
}

package io.lyftdata.audit;

import com.codahale.metrics.health.HealthCheck;

/** Whether a record can be written now; while none can, nothing can be changed. */
public final class AuditCheck extends HealthCheck {
    private final Audit audit;

    public AuditCheck(Audit audit) {
        this.audit = audit;
    }

    @Override
    protected Result check() {
        try {
            audit.probe();
            return Result.healthy();
        } catch (RuntimeException e) {
            return Result.unhealthy("the audit log cannot be written, so every change is refused; see the server's log"
                    + " for the storage's error");
        }
    }
}

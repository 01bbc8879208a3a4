package io.lyftdata.enrollment;

import io.lyftdata.api.AutoEnrollment;
import io.lyftdata.auth.Caller;
import io.lyftdata.http.AdminTasks;

/** {@code disable-enrollment}: no more workers join; the secret is never accepted again. */
public final class DisableEnrollmentTask implements AdminTasks.Task<DisableEnrollmentTask.NoArguments> {
    private final Secrets secrets;

    public DisableEnrollmentTask(Secrets secrets) {
        this.secrets = secrets;
    }

    /** It takes none. */
    public record NoArguments() {}

    @Override
    public String name() {
        return "disable-enrollment";
    }

    @Override
    public Class<NoArguments> arguments() {
        return NoArguments.class;
    }

    @Override
    public AutoEnrollment.View run(Caller host, NoArguments none) {
        return secrets.change(host, new AutoEnrollment.Change(false, null));
    }
}

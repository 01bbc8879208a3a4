package io.lyftdata.enrollment;

import io.lyftdata.api.AutoEnrollment;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.auth.Caller;
import io.lyftdata.http.AdminTasks;

/** {@code rotate-enrollment-secret}: a new secret takes the place of the one in force; the answer tells it, once. */
public final class RotateEnrollmentSecretTask implements AdminTasks.Task<RotateEnrollmentSecretTask.Arguments> {
    private final Secrets secrets;

    public RotateEnrollmentSecretTask(Secrets secrets) {
        this.secrets = secrets;
    }

    /** As in {@link AutoEnrollment.Change}. */
    public record Arguments(Long overlapSeconds, AutoEnrollment.Terms terms) {}

    @Override
    public String name() {
        return "rotate-enrollment-secret";
    }

    @Override
    public Class<Arguments> arguments() {
        return Arguments.class;
    }

    @Override
    public AutoEnrollment.View run(Caller host, Arguments wish) {
        if (!secrets.show().enabled()) {
            throw new Refusal(Code.CONFLICT, "auto-enrollment is off, so there is no secret to replace");
        }
        return secrets.change(host, new AutoEnrollment.Change(true, null, wish.overlapSeconds(), wish.terms()));
    }
}

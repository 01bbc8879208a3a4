package io.lyftdata.enrollment;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Presented;
import io.lyftdata.auth.Role;

/** Judges {@code Authorization: Enrollment SECRET}. */
public final class EnrollmentAuthenticator {
    private final Enrollment enrollment;

    public EnrollmentAuthenticator(Enrollment enrollment) {
        this.enrollment = enrollment;
    }

    /**
     * A worker-to-be; its id is the secret's.
     *
     * @throws Refusal {@code enrollment_refused}, the same for a wrong secret and for none in force
     */
    public Caller authenticate(Presented presented) {
        EnrollmentSecret secret = enrollment
                .match(presented.credential())
                .orElseThrow(() -> new Refusal(
                        Code.ENROLLMENT_REFUSED,
                        "auto-enrollment is off or this is not its secret; ask an administrator for the present one"));
        return new Caller(Caller.Kind.ENROLLMENT, secret.id(), Role.ENROLLING, "", presented.origin());
    }
}

package io.lyftdata.enrollment;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.auth.Addresses;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Presented;
import io.lyftdata.auth.Role;

/** Judges {@code Authorization: Enrollment SECRET}. */
public final class EnrollmentAuthenticator {
    private final Secrets secrets;

    public EnrollmentAuthenticator(Secrets secrets) {
        this.secrets = secrets;
    }

    /**
     * A worker-to-be; its id is the secret's.
     *
     * @throws Refusal {@code enrollment_refused}, the same for a wrong secret and for none in force;
     *     {@code address_refused} after the secret matched
     */
    public Caller authenticate(Presented presented) {
        EnrollmentSecret secret =
                secrets.inForce().match(presented.credential()).orElseThrow(EnrollmentAuthenticator::refusal);
        if (!Addresses.isFrom(secret.sources(), presented.origin())) {
            throw new Refusal(
                    Code.ADDRESS_REFUSED,
                    "workers may not join by this secret from your address ("
                            + presented.origin().text() + ")");
        }
        return new Caller(Caller.Kind.ENROLLMENT, secret.id(), Role.ENROLLING, "", presented.origin());
    }

    static Refusal refusal() {
        return new Refusal(
                Code.ENROLLMENT_REFUSED,
                "auto-enrollment is off or this is not its secret; ask an administrator for the present one");
    }
}

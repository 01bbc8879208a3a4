package io.lyftdata.enrollment;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.AutoEnrollment;
import io.lyftdata.api.Enroll;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** {@code POST /api/enroll} and {@code /api/workers/auto-enrollment}. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class EnrollmentResource {
    private final Enrollment enrollment;
    private final Secrets secrets;
    private final String installation;

    public EnrollmentResource(Enrollment enrollment, Secrets secrets, String installation) {
        this.enrollment = enrollment;
        this.secrets = secrets;
        this.installation = installation;
    }

    @POST
    @Path("enroll")
    @Allowed(Role.ENROLLING)
    public Enroll.Answer join(@Auth Caller caller, Enroll.Request wish) {
        return enrollment.join(caller, wish, installation);
    }

    @GET
    @Path("workers/auto-enrollment")
    @Allowed(Role.ADMIN)
    public AutoEnrollment.View show(@Auth Caller caller) {
        return secrets.show();
    }

    @POST
    @Path("workers/auto-enrollment")
    @Allowed(Role.ADMIN)
    public AutoEnrollment.View change(@Auth Caller caller, AutoEnrollment.Change wish) {
        return secrets.change(caller, wish);
    }
}

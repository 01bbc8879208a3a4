package io.lyftdata.posture;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.posture.Report;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** {@code GET /api/posture}. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class PostureResource {
    private final Posture posture;

    public PostureResource(Posture posture) {
        this.posture = posture;
    }

    @GET
    @Path("posture")
    @Allowed(Role.ADMIN)
    public Report look(@Auth Caller caller) {
        return posture.look();
    }
}

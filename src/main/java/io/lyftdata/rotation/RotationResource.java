package io.lyftdata.rotation;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.rotation.Rotation.Progress;
import io.lyftdata.api.rotation.Rotation.Wish;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import io.lyftdata.db.Paging;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;

/** {@code /api/rotation}. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class RotationResource {
    private final Rotations rotations;

    public RotationResource(Rotations rotations) {
        this.rotations = rotations;
    }

    @GET
    @Path("rotation")
    @Allowed(Role.VIEWER)
    public Progress progress(
            @Auth Caller caller,
            @QueryParam("order") Long order,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor) {
        return rotations.progress(order, Paging.of(limit, cursor));
    }

    @POST
    @Path("rotation")
    @Allowed(Role.OPERATOR)
    public Progress order(@Auth Caller caller, Wish wish) {
        return rotations.order(caller, wish);
    }
}

package io.lyftdata.fleet;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.Workers.Isolate;
import io.lyftdata.api.Workers.View;
import io.lyftdata.api.fleet.Fleet.Answer;
import io.lyftdata.api.fleet.Fleet.Release;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** Who is shut out of the fleet, for now or for good. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class FleetResource {
    private final Fleet fleet;
    private final Removal removal;

    public FleetResource(Fleet fleet, Removal removal) {
        this.fleet = fleet;
        this.removal = removal;
    }

    @POST
    @Path("workers/{id}/isolate")
    @Allowed(Role.OPERATOR)
    public View isolate(@Auth Caller caller, @PathParam("id") String id, Isolate wish) {
        return fleet.isolate(caller, id, wish);
    }

    @POST
    @Path("workers/{id}/release")
    @Allowed(Role.OPERATOR)
    public View release(@Auth Caller caller, @PathParam("id") String id) {
        return fleet.release(caller, id);
    }

    @POST
    @Path("workers/isolate")
    @Allowed(Role.OPERATOR)
    public Answer isolate(@Auth Caller caller, io.lyftdata.api.fleet.Fleet.Isolate wish) {
        return fleet.isolate(caller, wish);
    }

    @POST
    @Path("workers/release")
    @Allowed(Role.OPERATOR)
    public Answer release(@Auth Caller caller, Release wish) {
        return fleet.release(caller, wish);
    }

    @DELETE
    @Path("workers/{id}")
    @Allowed(Role.ADMIN)
    public void remove(@Auth Caller caller, @PathParam("id") String id) {
        removal.remove(caller, id);
    }

    @POST
    @Path("workers/{id}/reset")
    @Allowed(Role.ADMIN)
    public Response reset(@Auth Caller caller, @PathParam("id") String id) {
        return Response.status(Response.Status.CREATED)
                .entity(removal.reset(caller, id))
                .build();
    }
}

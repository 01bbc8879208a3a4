package io.lyftdata.incident;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.Page;
import io.lyftdata.api.incident.Incidents.Close;
import io.lyftdata.api.incident.Incidents.Open;
import io.lyftdata.api.incident.Incidents.Ran;
import io.lyftdata.api.incident.Incidents.Run;
import io.lyftdata.api.incident.Incidents.Skip;
import io.lyftdata.api.incident.Incidents.View;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import io.lyftdata.db.Paging;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;

/** {@code /api/incidents}. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class IncidentResource {
    private final Incidents incidents;

    public IncidentResource(Incidents incidents) {
        this.incidents = incidents;
    }

    @GET
    @Path("incidents")
    @Allowed(Role.ADMIN)
    public Page<View> list(
            @Auth Caller caller, @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
        return incidents.list(Paging.of(limit, cursor));
    }

    @POST
    @Path("incidents")
    @Allowed(Role.ADMIN)
    public View open(@Auth Caller caller, Open wish) {
        return incidents.open(caller, wish);
    }

    @GET
    @Path("incidents/{id}")
    @Allowed(Role.ADMIN)
    public View show(@Auth Caller caller, @PathParam("id") String id) {
        return incidents.show(id);
    }

    @POST
    @Path("incidents/{id}/run")
    @Allowed(Role.ADMIN)
    public Ran run(@Auth Caller caller, @PathParam("id") String id, Run wish) {
        return incidents.run(caller, id, wish);
    }

    @POST
    @Path("incidents/{id}/skip")
    @Allowed(Role.ADMIN)
    public View skip(@Auth Caller caller, @PathParam("id") String id, Skip wish) {
        return incidents.skip(caller, id, wish);
    }

    @POST
    @Path("incidents/{id}/close")
    @Allowed(Role.ADMIN)
    public View close(@Auth Caller caller, @PathParam("id") String id, Close wish) {
        return incidents.close(caller, id, wish);
    }
}

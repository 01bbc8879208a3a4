package io.lyftdata.worker;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.Page;
import io.lyftdata.api.Workers.View;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import io.lyftdata.db.Paging;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;

/** Who is in the fleet. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class WorkerResource {
    private final Workers workers;

    public WorkerResource(Workers workers) {
        this.workers = workers;
    }

    @GET
    @Path("workers")
    @Allowed(Role.VIEWER)
    public Page<View> list(
            @Auth Caller caller, @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
        return workers.list(Paging.of(limit, cursor));
    }

    @GET
    @Path("workers/{id}")
    @Allowed(Role.VIEWER)
    public View show(@Auth Caller caller, @PathParam("id") String id) {
        return workers.show(id);
    }
}

package io.lyftdata.worker;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.Page;
import io.lyftdata.api.Workers.Isolate;
import io.lyftdata.api.Workers.View;
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

/** Who is in the fleet, and who is shut out of it. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class WorkerResource {
    private final Workers workers;
    private final Isolation isolation;

    public WorkerResource(Workers workers, Isolation isolation) {
        this.workers = workers;
        this.isolation = isolation;
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

    @POST
    @Path("workers/{id}/isolate")
    @Allowed(Role.OPERATOR)
    public View isolate(@Auth Caller caller, @PathParam("id") String id, Isolate wish) {
        isolation.isolate(caller, id, wish.reason());
        return workers.show(Workers.idOf(id));
    }

    @POST
    @Path("workers/{id}/release")
    @Allowed(Role.OPERATOR)
    public View release(@Auth Caller caller, @PathParam("id") String id) {
        isolation.release(caller, id);
        return workers.show(Workers.idOf(id));
    }
}

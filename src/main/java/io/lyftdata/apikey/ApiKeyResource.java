package io.lyftdata.apikey;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.Page;
import io.lyftdata.api.WorkerKey;
import io.lyftdata.api.Workers.Add;
import io.lyftdata.api.Workers.IssuedKey;
import io.lyftdata.api.Workers.KeyView;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import io.lyftdata.db.Paging;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** Workers added by hand, their keys, and {@code PUT /api/worker/key}. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class ApiKeyResource {
    private final ApiKeys keys;
    private final String installation;

    public ApiKeyResource(ApiKeys keys, String installation) {
        this.keys = keys;
        this.installation = installation;
    }

    @POST
    @Path("workers")
    @Allowed(Role.OPERATOR)
    public Response add(@Auth Caller caller, Add wish) {
        return created(keys.addWorker(caller, wish));
    }

    @GET
    @Path("workers/{id}/keys")
    @Allowed(Role.OPERATOR)
    public Page<KeyView> list(
            @Auth Caller caller,
            @PathParam("id") String id,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor) {
        return keys.list(id, Paging.of(limit, cursor));
    }

    @POST
    @Path("workers/{id}/keys")
    @Allowed(Role.OPERATOR)
    public Response issue(@Auth Caller caller, @PathParam("id") String id) {
        return created(keys.issue(caller, id));
    }

    @DELETE
    @Path("keys/{id}")
    @Allowed(Role.OPERATOR)
    public void revoke(@Auth Caller caller, @PathParam("id") String id) {
        keys.revoke(caller, id);
    }

    @PUT
    @Path("worker/key")
    @Allowed(Role.BOOTSTRAP)
    public WorkerKey.Answer register(@Auth Caller caller, WorkerKey.Request wish) {
        return keys.register(caller, wish, installation);
    }

    private static Response created(IssuedKey key) {
        return Response.status(Response.Status.CREATED).entity(key).build();
    }
}

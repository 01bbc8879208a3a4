package io.lyftdata.apikey;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.Code;
import io.lyftdata.api.Page;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.WorkerKey;
import io.lyftdata.api.Workers.Add;
import io.lyftdata.api.Workers.IssuedKey;
import io.lyftdata.api.Workers.KeyView;
import io.lyftdata.api.Workers.Revoke;
import io.lyftdata.api.Workers.Revoked;
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
    private final WorkerKeys own;
    private final String installation;

    public ApiKeyResource(ApiKeys keys, WorkerKeys own, String installation) {
        this.keys = keys;
        this.own = own;
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
    public KeyView revoke(@Auth Caller caller, @PathParam("id") String id, @QueryParam("reason") String reason) {
        return keys.revoke(caller, id, reason);
    }

    @POST
    @Path("keys/revoke")
    @Allowed(Role.OPERATOR)
    public Revoked revokeAll(@Auth Caller caller, Revoke wish) {
        if (!Boolean.TRUE.equals(wish.all())) {
            throw new Refusal(
                    Code.UNPROCESSABLE, "all must be true: DELETE /api/keys/{id} ends one key, this ends every one");
        }
        return keys.revokeAll(caller);
    }

    @PUT
    @Path("worker/key")
    @Allowed(
            value = {Role.BOOTSTRAP, Role.WORKER},
            inLockdown = true)
    public WorkerKey.Answer put(@Auth Caller caller, WorkerKey.Request wish) {
        return own.put(caller, wish, installation);
    }

    private static Response created(IssuedKey key) {
        return Response.status(Response.Status.CREATED).entity(key).build();
    }
}

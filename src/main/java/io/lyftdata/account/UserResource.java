package io.lyftdata.account;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.Accounts.AddUser;
import io.lyftdata.api.Accounts.SetPassword;
import io.lyftdata.api.Accounts.User;
import io.lyftdata.api.Page;
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

/** {@code /api/users}. */
@Path("/api/users")
@Produces(MediaType.APPLICATION_JSON)
public final class UserResource {
    private final Accounts accounts;

    public UserResource(Accounts accounts) {
        this.accounts = accounts;
    }

    @GET
    @Allowed(Role.ADMIN)
    public Page<User> list(
            @Auth Caller caller, @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
        return accounts.list(Paging.of(limit, cursor));
    }

    @POST
    @Allowed(Role.ADMIN)
    public User add(@Auth Caller caller, AddUser wish) {
        return accounts.add(caller, wish);
    }

    /** Everyone sets their own; the service holds who may set another's. */
    @PUT
    @Path("{name}/password")
    @Allowed(Role.VIEWER)
    public void setPassword(@Auth Caller caller, @PathParam("name") String name, SetPassword wish) {
        accounts.setPassword(caller, name, wish.password());
    }

    @DELETE
    @Path("{name}")
    @Allowed(Role.ADMIN)
    public void remove(@Auth Caller caller, @PathParam("name") String name) {
        accounts.remove(caller, name);
    }
}

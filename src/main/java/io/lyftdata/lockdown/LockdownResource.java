package io.lyftdata.lockdown;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.lockdown.Lockdown.View;
import io.lyftdata.api.lockdown.Lockdown.Wish;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** {@code /api/incidents/lockdown}. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class LockdownResource {
    private final Lockdown lockdown;

    public LockdownResource(Lockdown lockdown) {
        this.lockdown = lockdown;
    }

    @GET
    @Path("incidents/lockdown")
    @Allowed(Role.ADMIN)
    public View show(@Auth Caller caller) {
        return lockdown.view();
    }

    @POST
    @Path("incidents/lockdown")
    @Allowed(Role.ADMIN)
    public View set(@Auth Caller caller, Wish wish) {
        return lockdown.set(caller, wish);
    }
}

package io.lyftdata.settings;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.Page;
import io.lyftdata.api.Settings.Revision;
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

/** {@code /api/settings}. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class SettingsResource {
    private final Settings settings;

    public SettingsResource(Settings settings) {
        this.settings = settings;
    }

    @GET
    @Path("settings")
    @Allowed(Role.ADMIN)
    public Revision effective(@Auth Caller caller) {
        return settings.effective();
    }

    @GET
    @Path("settings/history")
    @Allowed(Role.ADMIN)
    public Page<Revision> history(
            @Auth Caller caller, @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
        return settings.history(Paging.of(limit, cursor));
    }

    @GET
    @Path("settings/history/{number}")
    @Allowed(Role.ADMIN)
    public Revision revision(@Auth Caller caller, @PathParam("number") String number) {
        return settings.revision(number);
    }
}

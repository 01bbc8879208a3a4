package io.lyftdata.account;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.Login;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Open;
import io.lyftdata.auth.OriginFilter;
import io.lyftdata.auth.Role;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;

/** {@code POST /api/login} and {@code POST /api/logout}. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class LoginResource {
    private final Logins logins;
    private final Sessions sessions;

    public LoginResource(Logins logins, Sessions sessions) {
        this.logins = logins;
        this.sessions = sessions;
    }

    @POST
    @Path("login")
    @LoginLimit.Limited
    @Open("it is how people get a credential")
    public Login.Answer login(@Context ContainerRequestContext request, Login.Request wish) {
        return logins.login(wish, OriginFilter.of(request));
    }

    @POST
    @Path("logout")
    @Allowed(Role.VIEWER)
    public void logout(@Auth Caller caller) {
        sessions.end(caller);
    }
}

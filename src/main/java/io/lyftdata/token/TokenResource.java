package io.lyftdata.token;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.Accounts;
import io.lyftdata.api.Page;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import io.lyftdata.db.Paging;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;

/** {@code /api/tokens}. */
@Path("/api/tokens")
@Produces(MediaType.APPLICATION_JSON)
public final class TokenResource {
    private final Tokens tokens;

    public TokenResource(Tokens tokens) {
        this.tokens = tokens;
    }

    @GET
    @Allowed(Role.ADMIN)
    public Page<Accounts.Token> list(
            @Auth Caller caller, @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
        return tokens.list(Paging.of(limit, cursor));
    }

    @POST
    @Allowed(Role.ADMIN)
    public Accounts.IssuedToken issue(@Auth Caller caller, Accounts.IssueToken wish) {
        return tokens.issue(caller, wish);
    }

    @DELETE
    @Path("{id}")
    @Allowed(Role.ADMIN)
    public void revoke(@Auth Caller caller, @PathParam("id") String id) {
        tokens.revoke(caller, id);
    }
}

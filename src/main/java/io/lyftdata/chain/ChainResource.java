package io.lyftdata.chain;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.Page;
import io.lyftdata.api.audit.Entry;
import io.lyftdata.api.audit.Verification;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import io.lyftdata.db.Paging;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;

/** {@code /api/audit}. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class ChainResource {
    private final ChainReader reader;
    private final ChainVerifier verifier;

    public ChainResource(ChainReader reader, ChainVerifier verifier) {
        this.reader = reader;
        this.verifier = verifier;
    }

    @GET
    @Path("audit")
    @Allowed(Role.ADMIN)
    public Page<Entry> list(
            @Auth Caller caller,
            @Context UriInfo uri,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor,
            @QueryParam("after") Long after) {
        Filter filter = Filter.of(uri.getQueryParameters());
        Paging paging = Paging.of(limit, cursor);
        return after == null ? reader.newest(filter, paging) : reader.behind(after, filter, paging.limit());
    }

    @GET
    @Path("audit/verification")
    @Allowed(Role.ADMIN)
    public Verification verify(@Auth Caller caller, @QueryParam("cursor") String cursor) {
        return verifier.verify(cursor);
    }
}

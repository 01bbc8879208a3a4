package io.lyftdata.server;

import io.lyftdata.api.Health;
import io.lyftdata.auth.Open;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** {@code GET /api/health}: whether the server can serve, and nothing else. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class Readiness {
    private volatile String status = "starting";

    void ready() {
        status = "ready";
    }

    void draining() {
        status = "draining";
    }

    @GET
    @Path("health")
    @Open(value = "load balancers and service managers ask before they have credentials", inLockdown = true)
    public Response health() {
        String now = status;
        return Response.status(now.equals("ready") ? 200 : 503)
                .entity(new Health(now))
                .build();
    }
}

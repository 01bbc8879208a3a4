package io.lyftdata.heartbeat;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.Heartbeat;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** {@code POST /api/worker/heartbeat}. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class HeartbeatResource {
    private final Heartbeats heartbeats;

    public HeartbeatResource(Heartbeats heartbeats) {
        this.heartbeats = heartbeats;
    }

    @POST
    @Path("worker/heartbeat")
    @Allowed(Role.WORKER)
    public Heartbeat.Answer beat(
            @Auth Caller caller, @HeaderParam(Heartbeat.INSTANCE_HEADER) String instanceId, Heartbeat.Request beat) {
        return heartbeats.beat(caller, instanceId, beat);
    }
}

package io.lyftdata.heartbeat;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.Heartbeat;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import io.lyftdata.authority.Adoption;
import io.lyftdata.clone.Clones;
import io.lyftdata.http.RequestId;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;

/** {@code POST /api/worker/heartbeat}. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class HeartbeatResource {
    private final Heartbeats heartbeats;
    private final Adoption adoption;
    private final Clones clones;

    public HeartbeatResource(Heartbeats heartbeats, Adoption adoption, Clones clones) {
        this.heartbeats = heartbeats;
        this.adoption = adoption;
        this.clones = clones;
    }

    @POST
    @Path("worker/heartbeat")
    @Allowed(value = Role.WORKER, inLockdown = true)
    public Heartbeat.Answer beat(
            @Auth Caller caller,
            @HeaderParam(Heartbeat.INSTANCE_HEADER) String instanceId,
            @Context ContainerRequestContext request,
            Heartbeat.Request beat) {
        Heartbeat.Answer answer = clones.watch(
                caller, instanceId, RequestId.begun(request), () -> heartbeats.beat(caller, instanceId, beat));
        adoption.hear(caller.id(), beat.caRevision());
        return answer;
    }
}

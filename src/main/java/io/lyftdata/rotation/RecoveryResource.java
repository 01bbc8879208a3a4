package io.lyftdata.rotation;

import io.lyftdata.api.Heartbeat;
import io.lyftdata.api.WorkerKey;
import io.lyftdata.api.rotation.Recover;
import io.lyftdata.auth.Open;
import io.lyftdata.auth.OriginFilter;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;

/** {@code POST /api/worker/recover}. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class RecoveryResource {
    private final Recovery recovery;
    private final String installation;

    public RecoveryResource(Recovery recovery, String installation) {
        this.recovery = recovery;
        this.installation = installation;
    }

    @POST
    @Path("worker/recover")
    @Open(value = "its caller's key is refused: the signature in the body is the credential", inLockdown = true)
    public WorkerKey.Answer recover(
            @HeaderParam(Heartbeat.INSTANCE_HEADER) String instanceId,
            @Context ContainerRequestContext request,
            Recover.Request wish) {
        return recovery.recover(OriginFilter.of(request), instanceId, wish, installation);
    }
}

package io.lyftdata.chain;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.audit.Acknowledgement;
import io.lyftdata.audit.Alarms;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** {@code POST /api/audit/acknowledge}. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class AlarmResource {
    private final Alarms alarms;

    public AlarmResource(Alarms alarms) {
        this.alarms = alarms;
    }

    @POST
    @Path("audit/acknowledge")
    @Allowed(Role.ADMIN)
    public void acknowledge(@Auth Caller caller, Acknowledgement acknowledgement) {
        alarms.acknowledge(caller, acknowledgement.reason());
    }
}

package io.lyftdata.backup;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.Code;
import io.lyftdata.api.Page;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.backup.Backups.Proof;
import io.lyftdata.api.backup.Backups.Pruned;
import io.lyftdata.api.backup.Backups.Run;
import io.lyftdata.api.backup.Backups.View;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;

/** {@code /api/backups}. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class BackupResource {
    private final Backups backups;
    private final BackupRuns runs;
    private final Drills drills;

    public BackupResource(Backups backups, BackupRuns runs, Drills drills) {
        this.backups = backups;
        this.runs = runs;
        this.drills = drills;
    }

    @GET
    @Path("backups")
    @Allowed(Role.ADMIN)
    public Page<View> list(@Auth Caller caller) {
        return new Page<>(backups.list(), null);
    }

    @POST
    @Path("backups")
    @Allowed(Role.ADMIN)
    public Run create(@Auth Caller caller, @QueryParam("telemetry") String telemetry) {
        return runs.start(caller, isWished(telemetry));
    }

    /** A word that was misspelt would make a backup that lacks what it was made for. */
    private static boolean isWished(String telemetry) {
        return switch (telemetry == null ? "false" : telemetry) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new Refusal(Code.BAD_REQUEST, "the parameter `telemetry` is true or false");
        };
    }

    @GET
    @Path("backups/run")
    @Allowed(Role.ADMIN)
    public Run run(@Auth Caller caller) {
        return runs.state();
    }

    @POST
    @Path("backups/proof")
    @Allowed(Role.ADMIN)
    public void prove(@Auth Caller caller, Proof proof) {
        drills.prove(caller, proof);
    }

    @POST
    @Path("backups/prune")
    @Allowed(Role.ADMIN)
    public Pruned prune(@Auth Caller caller) {
        return backups.prune(caller);
    }
}

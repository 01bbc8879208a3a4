package io.lyftdata.report;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.incident.Report.Signed;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** {@code GET /api/incidents/{id}/report}. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
public final class ReportResource {
    private final Reports reports;

    public ReportResource(Reports reports) {
        this.reports = reports;
    }

    @GET
    @Path("incidents/{id}/report")
    @Allowed(Role.ADMIN)
    public Signed report(@Auth Caller caller, @PathParam("id") String id) {
        return reports.signed(id);
    }
}

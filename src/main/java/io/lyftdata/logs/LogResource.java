package io.lyftdata.logs;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.Code;
import io.lyftdata.api.LogLine;
import io.lyftdata.api.Refusal;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Collectors;
import io.lyftdata.auth.Role;
import io.lyftdata.http.Takes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.function.Predicate;

/** Log lines in from workers, and out as NDJSON. */
@Path("/api")
public final class LogResource {
    private final LogStore logs;
    private final Predicate<String> workerExists;

    /** @param workerExists by the worker's id */
    public LogResource(LogStore logs, Predicate<String> workerExists) {
        this.logs = logs;
        this.workerExists = workerExists;
    }

    @POST
    @Path("worker/logs")
    @Takes(LogLine.MEDIA_TYPE)
    @Allowed(Role.WORKER)
    public void append(@Auth Caller caller, @HeaderParam(LogLine.BATCH_HEADER) String batch, InputStream lines)
            throws IOException {
        logs.append(caller.id(), batch, lines);
    }

    @GET
    @Path("workers/logs")
    @Allowed({Role.VIEWER, Role.COLLECTOR})
    @Collectors("logs")
    public Response ofFleet(@Auth Caller caller, @Context UriInfo uri) {
        return lines(uri, Optional.empty());
    }

    @GET
    @Path("workers/{id}/logs")
    @Allowed({Role.VIEWER, Role.COLLECTOR})
    @Collectors("logs")
    public Response ofWorker(@Auth Caller caller, @PathParam("id") String id, @Context UriInfo uri) {
        if (!workerExists.test(id)) {
            throw new Refusal(Code.NOT_FOUND, "no worker has this id; lyftdata workers list shows them");
        }
        return lines(uri, Optional.of(id));
    }

    private Response lines(UriInfo uri, Optional<String> worker) {
        return Response.ok(logs.read(uri.getQueryParameters(), worker), LogLine.MEDIA_TYPE)
                .build();
    }
}

package io.lyftdata.metrics;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Collectors;
import io.lyftdata.auth.Role;
import io.lyftdata.http.Takes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Metrics in from workers, and out to Prometheus in text format 0.0.4 whatever it says it accepts. */
@Path("/api")
public final class MetricsResource {
    private final WorkerMetrics metrics;
    private final Supplier<List<WorkerStatus>> fleet;
    private final Function<String, Optional<WorkerStatus>> find;

    /**
     * @param fleet every worker of the registry
     * @param find one of them by its id
     */
    public MetricsResource(
            WorkerMetrics metrics, Supplier<List<WorkerStatus>> fleet, Function<String, Optional<WorkerStatus>> find) {
        this.metrics = metrics;
        this.fleet = fleet;
        this.find = find;
    }

    @PUT
    @Path("worker/metrics")
    @Takes(MediaType.TEXT_PLAIN)
    @Allowed(Role.WORKER)
    public void put(@Auth Caller caller, InputStream exposition) throws IOException {
        metrics.put(caller.id(), exposition);
    }

    @GET
    @Path("workers/metrics")
    @Allowed({Role.VIEWER, Role.COLLECTOR})
    @Collectors("metrics")
    public Response ofFleet(@Auth Caller caller) {
        return exposition(fleet.get());
    }

    @GET
    @Path("workers/{id}/metrics")
    @Allowed({Role.VIEWER, Role.COLLECTOR})
    @Collectors("metrics")
    public Response ofWorker(@Auth Caller caller, @PathParam("id") String id) {
        return exposition(List.of(find.apply(id)
                .orElseThrow(
                        () -> new Refusal(Code.NOT_FOUND, "no worker has this id; lyftdata workers list shows them"))));
    }

    private Response exposition(List<WorkerStatus> workers) {
        StreamingOutput body = new FleetExposition(workers, metrics::fresh)::writeTo;
        return Response.ok(body, FleetExposition.contentType()).build();
    }
}

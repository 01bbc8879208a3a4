package io.lyftdata.metrics;

import io.dropwizard.auth.Auth;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.fleet.MetricsPush;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Collectors;
import io.lyftdata.auth.Role;
import io.lyftdata.http.Takes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.ResponseBuilder;
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
    private static final int MOST_NAMED = 10;

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
    public Response put(@Auth Caller caller, InputStream exposition) throws IOException {
        List<String> leftOut = metrics.put(caller.id(), exposition);
        ResponseBuilder answer = Response.noContent();
        if (!leftOut.isEmpty()) {
            answer.header(
                    MetricsPush.LEFT_OUT_HEADER,
                    String.join(", ", leftOut.subList(0, Math.min(leftOut.size(), MOST_NAMED))));
        }
        return answer.build();
    }

    @GET
    @Path("workers/metrics")
    @Allowed({Role.VIEWER, Role.COLLECTOR})
    @Collectors("metrics")
    public Response ofFleet(@Auth Caller caller, @HeaderParam(HttpHeaders.ACCEPT_ENCODING) String encodings) {
        return exposition(fleet.get(), encodings);
    }

    @GET
    @Path("workers/{id}/metrics")
    @Allowed({Role.VIEWER, Role.COLLECTOR})
    @Collectors("metrics")
    public Response ofWorker(
            @Auth Caller caller,
            @PathParam("id") String id,
            @HeaderParam(HttpHeaders.ACCEPT_ENCODING) String encodings) {
        WorkerStatus worker = find.apply(id)
                .orElseThrow(
                        () -> new Refusal(Code.NOT_FOUND, "no worker has this id; lyftdata workers list shows them"));
        return exposition(List.of(worker), encodings);
    }

    private Response exposition(List<WorkerStatus> workers, String encodings) {
        FleetExposition exposition = new FleetExposition(workers, metrics::fresh);
        ResponseBuilder answer = Response.ok().type(FleetExposition.contentType());
        answer.header(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
        StreamingOutput plain = exposition::writeTo;
        if (Gzip.isWanted(encodings)) {
            return answer.header(HttpHeaders.CONTENT_ENCODING, "gzip")
                    .entity(Gzip.of(plain))
                    .build();
        }
        return answer.entity(plain).build();
    }
}

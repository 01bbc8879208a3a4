package io.lyftdata.monitoring;

import io.dropwizard.auth.Auth;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;

/** {@code GET /metrics}: the server's own, in Prometheus' text format. */
@Path("/metrics")
public final class MonitoringResource {
    private final Monitor monitor;

    public MonitoringResource(Monitor monitor) {
        this.monitor = monitor;
    }

    @GET
    @Allowed(Role.VIEWER)
    public Response metrics(@Auth Caller caller) {
        StreamingOutput body = monitor::writeTo;
        return Response.ok(body, Monitor.CONTENT_TYPE).build();
    }
}

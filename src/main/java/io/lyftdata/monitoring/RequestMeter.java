package io.lyftdata.monitoring;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.Set;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;

/**
 * Counts every answer by method, route and status, refused framing included; what hit no route is {@code none}, and
 * what came over the admin connector is {@code admin}.
 */
public final class RequestMeter implements RequestLog {
    private static final double[] BOUNDS = {0.001, 0.005, 0.025, 0.1, 0.25, 1, 5, 30};
    private static final double NANOS_PER_SECOND = 1e9;
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS");

    private final Counter answers;
    private final Histogram seconds;

    public RequestMeter(Monitor monitor) {
        answers = monitor.counter(
                "http_requests", "Answers by method, route and HTTP status.", "method", "route", "status");
        seconds = monitor.seconds(
                "http_request_duration_seconds", "From a request's first byte to its answer's last.", BOUNDS, "route");
    }

    @Override
    public void log(Request request, Response response) {
        String route = route(request);
        String method = METHODS.contains(request.getMethod()) ? request.getMethod() : "other";
        answers.labelValues(method, route, Integer.toString(response.getStatus()))
                .inc();
        seconds.labelValues(route).observe((System.nanoTime() - request.getBeginNanoTime()) / NANOS_PER_SECOND);
    }

    private static String route(Request request) {
        if ("admin".equals(request.getConnectionMetaData().getConnector().getName())) {
            return "admin";
        }
        return request.getAttribute(RouteNames.KEY) instanceof String route ? route : "none";
    }
}

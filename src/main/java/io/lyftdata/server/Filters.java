package io.lyftdata.server;

import io.dropwizard.auth.AuthValueFactoryProvider;
import io.dropwizard.core.setup.Environment;
import io.lyftdata.auth.AuthFeature;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.OpenRequests;
import io.lyftdata.auth.OriginFilter;
import io.lyftdata.auth.RefusalLimiter;
import io.lyftdata.auth.TrustedProxies;
import io.lyftdata.certificate.SchemeGuard;
import io.lyftdata.http.BodyLimit;
import io.lyftdata.http.BodyReader;
import io.lyftdata.http.KeptConnection;
import io.lyftdata.http.Linger;
import io.lyftdata.http.ProblemErrorHandler;
import io.lyftdata.http.ProblemMapper;
import io.lyftdata.http.RequestChecks;
import io.lyftdata.http.RequestId;
import io.lyftdata.http.SecurityHeaders;
import io.lyftdata.monitoring.LongReads;
import io.lyftdata.monitoring.Monitor;
import io.lyftdata.monitoring.RouteNames;
import io.lyftdata.monitoring.Shedding;
import io.prometheus.metrics.core.metrics.Counter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletRequest;
import java.util.EnumSet;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.glassfish.jersey.server.ServerProperties;

/** What every request passes, in this order: id, headers, checks, scheme, origin, limits, then the auth filter. */
final class Filters {
    private static final int REFUSALS_PER_MINUTE = 60;
    /** Expositions and logs that are read at once: a few scrapers and people, far below the threads there are. */
    private static final int LONG_READS = 32;
    /** Calls that may wait for a thread: a moment's work, so that people hardly wait behind workers. */
    private static final int WAITING = 512;

    private static final BodyLimit.Rule JSON = new BodyLimit.Rule(64 * 1024, false);
    private static final BodyLimit.Rule METRICS = new BodyLimit.Rule(4 * 1024 * 1024, true);
    private static final BodyLimit.Rule LOGS = new BodyLimit.Rule(8 * 1024 * 1024, true);

    private Filters() {}

    static void register(
            Environment environment, ServerConfig config, TrustedProxies proxies, Features features, Monitor monitor) {
        boolean https = !config.disableTls() || !config.trustedProxies().isEmpty();
        add(environment, "request-id", new RequestId());
        add(environment, "refusals", features.refusals());
        add(environment, "security-headers", new SecurityHeaders(https));
        add(
                environment,
                "kept-connection",
                new KeptConnection(
                        Connectors.IDLE.toJavaDuration(),
                        config.heartbeat().interval().multipliedBy(4)));
        Shedding shedding = new Shedding(
                WAITING,
                config.heartbeat().interval(),
                Filters::kind,
                request -> pool(request).getQueueSize(),
                System::nanoTime,
                monitor);
        features.members().keys().rules().putOffWhile(shedding::isNear);
        features.saving()
                .runs()
                .giveWayWhile(() -> isBusy(environment.getApplicationContext().getServer()));
        add(environment, "shedding", shedding);
        add(environment, "request-checks", new RequestChecks());
        if (config.disableTls()) {
            add(environment, "scheme", new SchemeGuard(proxies));
        }
        add(environment, "origin", new OriginFilter(proxies));
        OpenRequests open = new OpenRequests();
        environment.lifecycle().manage(open);
        add(environment, "open-requests", open);
        add(environment, "long-reads", new LongReads(LONG_READS, monitor));
        add(environment, "body-limit", new BodyLimit(Filters::limit));
        jersey(environment, features, monitor);
    }

    private static void jersey(Environment environment, Features features, Monitor monitor) {
        var jersey = environment.jersey();
        jersey.property(ServerProperties.BV_FEATURE_DISABLE, true);
        jersey.register(new ProblemMapper());
        jersey.register(new RouteNames());
        Counter verdicts = monitor.counter(
                "auth_verdicts", "Requests by kind of credential and verdict: ok or the refusal.", "kind", "code");
        jersey.register(new AuthFeature(
                features.authenticators(),
                new RefusalLimiter(REFUSALS_PER_MINUTE, System::nanoTime),
                (kind, code) -> verdicts.labelValues(kind, code).inc()));
        jersey.register(new AuthValueFactoryProvider.Binder<>(Caller.class));
        jersey.register(new BodyReader(
                environment.getObjectMapper(),
                Filters::isWorkerRoute,
                environment.metrics().counter("http.unknown-fields")::inc));
    }

    /** Jetty's own errors, those before any servlet included, are problem documents too, and refusals arrive. */
    static void errors(Server server, Environment environment, ServerConfig config) {
        boolean https = !config.disableTls() || !config.trustedProxies().isEmpty();
        ProblemErrorHandler handler = new ProblemErrorHandler(https);
        server.setErrorHandler(handler);
        server.insertHandler(new Linger());
        environment.getApplicationContext().setErrorHandler(handler);
    }

    /** Whether more requests are worked on than there are processors for. */
    private static boolean isBusy(Server server) {
        return pool(server).getUtilizedThreads() > Runtime.getRuntime().availableProcessors();
    }

    private static QueuedThreadPool pool(ServletRequest request) {
        return pool(ServletContextRequest.getServletContextRequest(request)
                .getConnectionMetaData()
                .getConnector()
                .getServer());
    }

    private static QueuedThreadPool pool(Server server) {
        return (QueuedThreadPool) server.getThreadPool();
    }

    private static void add(Environment environment, String name, Filter filter) {
        environment
                .servlets()
                .addFilter(name, filter)
                .addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), true, "/*");
    }

    private static BodyLimit.Rule limit(String path) {
        return switch (path) {
            case "/api/worker/metrics" -> METRICS;
            case "/api/worker/logs" -> LOGS;
            default -> JSON;
        };
    }

    /** What a worker sends that is longer than its JSON is telemetry. */
    private static Shedding.Kind kind(String path) {
        if (!isWorkerRoute(path)) {
            return Shedding.Kind.KEPT;
        }
        return limit(path).equals(JSON) ? Shedding.Kind.NEEDED : Shedding.Kind.TELEMETRY;
    }

    private static boolean isWorkerRoute(String path) {
        return path.startsWith("/api/worker/") || path.equals("/api/enroll");
    }
}

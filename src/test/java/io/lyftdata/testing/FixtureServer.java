package io.lyftdata.testing;

import com.codahale.metrics.MetricRegistry;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dropwizard.auth.AuthValueFactoryProvider;
import io.dropwizard.jackson.Jackson;
import io.dropwizard.jersey.DropwizardResourceConfig;
import io.dropwizard.jersey.jackson.JacksonFeature;
import io.lyftdata.auth.AuthFeature;
import io.lyftdata.auth.Authenticators;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.OriginFilter;
import io.lyftdata.auth.RefusalLimiter;
import io.lyftdata.auth.TrustedProxies;
import io.lyftdata.http.BodyLimit;
import io.lyftdata.http.BodyReader;
import io.lyftdata.http.Json;
import io.lyftdata.http.ProblemErrorHandler;
import io.lyftdata.http.ProblemMapper;
import io.lyftdata.http.RequestChecks;
import io.lyftdata.http.RequestId;
import io.lyftdata.http.SecurityHeaders;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import java.net.URI;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.LifeCycle;
import org.glassfish.jersey.servlet.ServletContainer;

/** The filters, the auth feature and the error mapper around a few resources, on a loopback port of its own. */
@SuppressWarnings("try") // a test that is interrupted while it closes this has ended anyway
public final class FixtureServer implements AutoCloseable {
    /** JSON bodies, but for paths below {@code /api/worker/}. */
    public static final int JSON_LIMIT = 4096;

    public static final int WORKER_LIMIT = 64 * 1024;

    private final Server server = new Server();
    private final ServerConnector connector;
    private final AtomicInteger unknownFields = new AtomicInteger();

    public FixtureServer(
            Authenticators authenticators, TrustedProxies proxies, RefusalLimiter limiter, Object... resources)
            throws Exception {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setErrorHandler(new ProblemErrorHandler(true));
        ServletContextHandler context = new ServletContextHandler("/");
        context.setErrorHandler(new ProblemErrorHandler(true));
        List<Filter> filters = List.of(
                new RequestId(),
                new SecurityHeaders(true),
                new OriginFilter(proxies),
                new RequestChecks(),
                new BodyLimit(path -> path.startsWith("/api/worker/")
                        ? new BodyLimit.Rule(WORKER_LIMIT, true)
                        : new BodyLimit.Rule(JSON_LIMIT, false)));
        filters.forEach(
                filter -> context.addFilter(new FilterHolder(filter), "/*", EnumSet.of(DispatcherType.REQUEST)));
        ServletHolder holder =
                new ServletHolder(new ServletContainer(jersey(authenticators, limiter, List.of(resources))));
        holder.setInitOrder(1);
        context.addServlet(holder, "/*");
        server.setHandler(context);
        try {
            server.start();
        } catch (Exception e) {
            server.stop();
            throw e;
        }
    }

    private DropwizardResourceConfig jersey(
            Authenticators authenticators, RefusalLimiter limiter, List<Object> resources) {
        ObjectMapper mapper = Json.configure(Jackson.newObjectMapper());
        DropwizardResourceConfig config = new DropwizardResourceConfig(new MetricRegistry());
        config.register(new JacksonFeature(mapper));
        config.register(
                new BodyReader(mapper, path -> path.startsWith("/api/worker/"), unknownFields::incrementAndGet));
        config.register(new AuthFeature(authenticators, limiter, (kind, code) -> {}));
        config.register(new AuthValueFactoryProvider.Binder<>(Caller.class));
        config.register(new ProblemMapper());
        resources.forEach(config::register);
        return config;
    }

    public RawClient client() {
        return RawClient.plain(URI.create("http://127.0.0.1:" + connector.getLocalPort()));
    }

    /** How many JSON fields have been passed over. */
    public int unknownFields() {
        return unknownFields.get();
    }

    @Override
    public void close() {
        LifeCycle.stop(server);
    }
}

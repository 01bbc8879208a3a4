package io.lyftdata.monitoring;

import jakarta.annotation.Priority;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.DynamicFeature;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.FeatureContext;
import java.util.Optional;

/** Leaves at each request the route it hit, as {@code docs/api.md} writes it, before anybody refuses it. */
public final class RouteNames implements DynamicFeature {
    /** The request's attribute. */
    static final String KEY = RouteNames.class.getName();

    @Override
    public void configure(ResourceInfo resource, FeatureContext context) {
        String route = path(resource.getResourceClass().getAnnotation(Path.class))
                + path(resource.getResourceMethod().getAnnotation(Path.class));
        if (!route.isEmpty()) {
            context.register(new Named(route));
        }
    }

    private static String path(Path path) {
        return Optional.ofNullable(path)
                .map(Path::value)
                .map(text -> text.startsWith("/") ? text : "/" + text)
                .orElse("");
    }

    @Priority(0)
    private static final class Named implements ContainerRequestFilter {
        private final String route;

        private Named(String route) {
            this.route = route;
        }

        @Override
        public void filter(ContainerRequestContext request) {
            request.setProperty(KEY, route);
        }
    }
}

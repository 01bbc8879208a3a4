package io.lyftdata.auth;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.DynamicFeature;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.FeatureContext;
import java.lang.reflect.Method;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Puts the one auth filter before every resource method that is not marked {@link Open}. A method that names neither
 * roles nor a reason to be open stops the start.
 */
public final class AuthFeature implements DynamicFeature {
    /** Far more than a worker needs that ships what has piled up. */
    private static final int CALLS_OF_A_WORKER_PER_MINUTE = 6000;

    private final Authenticators authenticators;
    private final RefusalLimiter limiter;
    private final RefusalLimiter workers = new RefusalLimiter(CALLS_OF_A_WORKER_PER_MINUTE, System::nanoTime);
    private final BiConsumer<String, String> verdicts;

    /** @param verdicts told of each request the kind of credential, and {@code ok} or the refusal's code */
    public AuthFeature(Authenticators authenticators, RefusalLimiter limiter, BiConsumer<String, String> verdicts) {
        this.authenticators = authenticators;
        this.limiter = limiter;
        this.verdicts = verdicts;
    }

    @Override
    public void configure(ResourceInfo resource, FeatureContext context) {
        Method method = resource.getResourceMethod();
        Allowed allowed = method.getAnnotation(Allowed.class);
        Open open = method.getAnnotation(Open.class);
        if (open == null) {
            Authenticators judges = allowed != null && allowed.inLockdown() ? authenticators.ungated() : authenticators;
            context.register(new AuthFilter(roles(method, allowed), part(method), judges, limiter, workers, verdicts));
        } else if (allowed != null) {
            throw new IllegalStateException(name(method) + " is marked @Allowed and @Open: choose one");
        } else if (!open.inLockdown()) {
            ContainerRequestFilter gate = request -> authenticators.gate().admit(OriginFilter.of(request));
            context.register(gate, Priorities.AUTHENTICATION);
        }
    }

    private static Set<Role> roles(Method method, Allowed allowed) {
        if (allowed != null) {
            checkCollectors(method, Set.of(allowed.value()));
            return Set.of(allowed.value());
        }
        if (method.getDeclaringClass().getName().startsWith("org.glassfish.jersey.")) {
            return Set.of();
        }
        throw new IllegalStateException(name(method) + " names no caller: mark it @Allowed(…) or @Open(\"why\")");
    }

    private static void checkCollectors(Method method, Set<Role> roles) {
        boolean opens = method.isAnnotationPresent(Collectors.class);
        if (opens != roles.contains(Role.COLLECTOR) || (opens && !method.isAnnotationPresent(GET.class))) {
            throw new IllegalStateException(
                    name(method) + ": @Collectors and Role.COLLECTOR go together, on a method that reads");
        }
    }

    private static String part(Method method) {
        Collectors collectors = method.getAnnotation(Collectors.class);
        return collectors == null ? "" : collectors.value();
    }

    private static String name(Method method) {
        return method.getDeclaringClass().getSimpleName() + "." + method.getName();
    }
}

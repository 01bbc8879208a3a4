package io.lyftdata.auth;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import jakarta.annotation.Priority;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.SecurityContext;
import java.security.Principal;
import java.util.Set;
import java.util.function.BiConsumer;

/** Lets through who may call this one resource method. The verdict on the credential that is present is final. */
@Priority(Priorities.AUTHENTICATION)
final class AuthFilter implements ContainerRequestFilter {
    /** The request's attribute that holds the caller, once there is one. */
    static final String CALLER = Caller.class.getName();

    private final Set<Role> allowed;
    private final String collectors;
    private final Authenticators authenticators;
    private final RefusalLimiter limiter;
    private final RefusalLimiter workers;
    private final BiConsumer<String, String> verdicts;

    /**
     * Stands before one method.
     *
     * @param collectors the part of the allowlist that opens the method; empty: none
     * @param limiter of what is refused, by address
     * @param workers of what is accepted, by worker
     * @param verdicts told the kind of credential, and {@code ok} or the refusal's code
     */
    AuthFilter(
            Set<Role> allowed,
            String collectors,
            Authenticators authenticators,
            RefusalLimiter limiter,
            RefusalLimiter workers,
            BiConsumer<String, String> verdicts) {
        this.allowed = allowed;
        this.collectors = collectors;
        this.authenticators = authenticators;
        this.limiter = limiter;
        this.workers = workers;
        this.verdicts = verdicts;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        AuthorizationHeader.Credential credential =
                AuthorizationHeader.parse(request.getHeaders().get(AuthorizationHeader.NAME));
        try {
            judge(request, credential);
            verdicts.accept(credential.kind(), "ok");
        } catch (Refusal refusal) {
            verdicts.accept(credential.kind(), refusal.code().wire());
            throw refusal;
        }
    }

    private void judge(ContainerRequestContext request, AuthorizationHeader.Credential credential) {
        Origin origin = OriginFilter.of(request);
        Caller caller = authenticate(credential, origin);
        if (caller.kind() == Caller.Kind.WORKER) {
            refuseTooMany(caller);
        }
        OpenRequests.judged(request, () -> authenticators.judge(credential, collectors, origin));
        request.setProperty(CALLER, caller);
        if (allowed.stream().noneMatch(caller.role()::includes)) {
            throw roleMissing();
        }
        request.setSecurityContext(
                new Context(caller, request.getSecurityContext().isSecure()));
    }

    /** A fleet behind one address is many workers, and one that runs wild is one. */
    private void refuseTooMany(Caller worker) {
        workers.take(worker.id()).ifPresent(wait -> {
            throw new Refusal(Code.TOO_MANY_REQUESTS, "too many calls of this worker: wait").retryAfter(wait);
        });
    }

    private Caller authenticate(AuthorizationHeader.Credential credential, Origin origin) {
        try {
            return authenticators.judge(credential, collectors, origin);
        } catch (Refusal refusal) {
            throw isGuess(refusal) ? limited(refusal, origin) : refusal;
        }
    }

    /** Whether the caller did not know a secret; one whose key has ended did, and must learn so. */
    private static boolean isGuess(Refusal refusal) {
        return switch (refusal.code()) {
            case CREDENTIALS_MALFORMED, KEY_UNKNOWN, ENROLLMENT_REFUSED -> true;
            default -> false;
        };
    }

    private Refusal limited(Refusal refusal, Origin origin) {
        return limiter.refuse(origin)
                .map(wait -> new Refusal(
                                Code.TOO_MANY_REQUESTS,
                                "too many refused credentials from this address: wait, and use a good one")
                        .retryAfter(wait))
                .orElse(refusal);
    }

    private Refusal roleMissing() {
        return new Refusal(Code.ROLE_MISSING, "this credential has no role that may do this");
    }

    private record Context(Caller caller, boolean isSecure) implements SecurityContext {
        @Override
        public Principal getUserPrincipal() {
            return caller;
        }

        @Override
        public boolean isUserInRole(String role) {
            return Role.ofPerson(role).map(caller.role()::includes).orElse(false);
        }

        @Override
        public String getAuthenticationScheme() {
            return "Bearer";
        }
    }
}

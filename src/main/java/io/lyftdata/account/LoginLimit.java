package io.lyftdata.account;

import io.lyftdata.auth.OriginFilter;
import jakarta.ws.rs.NameBinding;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Stands before the log-in: an address with too many refusals is refused before its body is read. */
@LoginLimit.Limited
public final class LoginLimit implements ContainerRequestFilter {
    /** Binds the filter to the log-in alone. */
    @NameBinding
    @Retention(RetentionPolicy.RUNTIME)
    @Target({ElementType.METHOD, ElementType.TYPE})
    @interface Limited {}

    private final Logins logins;

    public LoginLimit(Logins logins) {
        this.logins = logins;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        logins.check(OriginFilter.of(request));
    }
}

package io.lyftdata.auth;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The roles that may call a resource method; a personal role stands for all that include it. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Allowed {
    Role[] value();

    /** Whether the lockdown lets it pass: only what keeps workers' keys alive. */
    boolean inLockdown() default false;
}

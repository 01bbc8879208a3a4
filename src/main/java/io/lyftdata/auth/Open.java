package io.lyftdata.auth;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a resource method that anyone may call. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Open {
    /** Why it must be open. */
    String value();

    /** Whether the lockdown lets it pass, from anywhere. */
    boolean inLockdown() default false;
}

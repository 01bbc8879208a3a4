package io.lyftdata.auth;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Opens a resource method that reads to allowlisted collectors; {@link Role#COLLECTOR} is among its roles too. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Collectors {
    /** The part of the allowlist that counts: {@code metrics} or {@code logs}. */
    String value();
}

package io.lyftdata.http;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The Content-Type that a resource method's body must have; JSON without it. In the place of {@code @Consumes}, which
 * JAX-RS judges before anybody has asked who is calling.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Takes {
    String value();
}

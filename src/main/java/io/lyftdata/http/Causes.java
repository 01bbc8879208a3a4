package io.lyftdata.http;

import java.util.Optional;
import java.util.stream.Stream;

/** Looks through an exception and what caused it. */
final class Causes {
    private static final int MAX_DEPTH = 16;

    private Causes() {}

    /** The outermost one of the type. */
    static <T> Optional<T> find(Throwable error, Class<T> type) {
        return Stream.iterate(error, cause -> cause != null, Throwable::getCause)
                .limit(MAX_DEPTH)
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst();
    }
}

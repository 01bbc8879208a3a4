package io.lyftdata.http;

import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.jetty.io.EofException;

/** Looks through an exception and what caused it. */
public final class Causes {
    private static final int MAX_DEPTH = 16;

    private Causes() {}

    /** Whether it says that the connection has ended, by whichever side; a file that was closed is something else. */
    public static boolean isOfEndedConnection(Throwable error) {
        return find(error, EofException.class).isPresent()
                || find(error, ClosedChannelException.class)
                        .map(Throwable::getStackTrace)
                        .filter(trace ->
                                trace.length > 0 && trace[0].getClassName().startsWith("org.eclipse.jetty."))
                        .isPresent();
    }

    /** The outermost one of the type. */
    static <T> Optional<T> find(Throwable error, Class<T> type) {
        return Stream.iterate(error, cause -> cause != null, Throwable::getCause)
                .limit(MAX_DEPTH)
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst();
    }
}

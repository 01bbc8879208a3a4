package io.lyftdata.http;

import io.lyftdata.auth.Caller;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.IOException;
import java.time.Duration;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.EndPoint;

/**
 * How long a connection may idle: shortly while a request is read and for as long as nobody has proved who is calling;
 * after that for some heartbeats, or each heartbeat would cost a handshake.
 */
public final class KeptConnection implements Filter {
    private final long strangerMillis;
    private final long knownMillis;

    public KeptConnection(Duration stranger, Duration known) {
        this.strangerMillis = stranger.toMillis();
        this.knownMillis = known.toMillis();
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        EndPoint connection = connection(request);
        connection.setIdleTimeout(strangerMillis);
        try {
            chain.doFilter(request, response);
        } finally {
            if (Caller.of(request).isPresent()) {
                connection.setIdleTimeout(knownMillis);
            }
        }
    }

    /** Lets it idle longer by the time that its request was told to wait. */
    public static void keep(ServletRequest request, Duration told) {
        EndPoint connection = connection(request);
        connection.setIdleTimeout(connection.getIdleTimeout() + told.toMillis());
    }

    private static EndPoint connection(ServletRequest request) {
        return ServletContextRequest.getServletContextRequest(request)
                .getConnectionMetaData()
                .getConnection()
                .getEndPoint();
    }
}

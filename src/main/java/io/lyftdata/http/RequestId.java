package io.lyftdata.http;

import io.lyftdata.crypto.Randomness;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.container.ContainerRequestContext;
import java.io.IOException;
import org.slf4j.MDC;

/** Gives each request an id of its own, for the log, the answer's header and a problem's body; none is taken over. */
public final class RequestId implements Filter {
    /** The name in log lines, and of the request's attribute. */
    public static final String KEY = "requestId";

    public static final String HEADER = "Request-Id";

    private static final String BEGUN = "begun";

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        String id = generate();
        request.setAttribute(KEY, id);
        request.setAttribute(BEGUN, System.nanoTime());
        ((HttpServletResponse) response).setHeader(HEADER, id);
        MDC.put(KEY, id);
        try {
            chain.doFilter(request, response);
        } finally {
            MDC.remove(KEY);
        }
    }

    /** When the request had been received as far as its head, by {@code System.nanoTime()}. */
    public static long begun(ContainerRequestContext request) {
        return (long) request.getProperty(BEGUN);
    }

    static String generate() {
        return Randomness.hex(64);
    }
}

package io.lyftdata.http;

import io.lyftdata.crypto.Randomness;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.MDC;

/** Gives each request an id of its own, for the log, the answer's header and a problem's body; none is taken over. */
public final class RequestId implements Filter {
    /** The name in log lines, and of the request's attribute. */
    public static final String KEY = "requestId";

    public static final String HEADER = "Request-Id";

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        String id = generate();
        request.setAttribute(KEY, id);
        ((HttpServletResponse) response).setHeader(HEADER, id);
        MDC.put(KEY, id);
        try {
            chain.doFilter(request, response);
        } finally {
            MDC.remove(KEY);
        }
    }

    static String generate() {
        return Randomness.hex(64);
    }
}

package io.lyftdata.monitoring;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;

/** The same metrics at the admin connector's {@code /metrics}; Dropwizard's JSON for those who accept only that. */
public final class AdminMetrics implements Filter {
    private final Monitor monitor;

    public AdminMetrics(Monitor monitor) {
        this.monitor = monitor;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if ("application/json".equals(((HttpServletRequest) request).getHeader("Accept"))) {
            chain.doFilter(request, response);
            return;
        }
        response.setContentType(Monitor.CONTENT_TYPE);
        monitor.writeTo(response.getOutputStream());
    }
}

package io.lyftdata.monitoring;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.http.Problems;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;

/**
 * Bounds how many expositions and logs are being read at once, so that slow readers never take the threads that
 * workers need; who comes when all places are taken is asked to come again. Safe for use by many threads.
 */
public final class LongReads implements Filter {
    private static final Pattern PATHS = Pattern.compile("/metrics|/api/workers/(?:[^/]+/)?(?:metrics|logs)");
    private static final Duration RETRY = Duration.ofSeconds(2);

    private final int most;
    private final Semaphore places;

    /** @param most how many at once */
    public LongReads(int most, Monitor monitor) {
        this.most = most;
        this.places = new Semaphore(most);
        monitor.gauge(
                "long_reads", "Expositions and logs that are being read now.", () -> most - places.availablePermits());
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!PATHS.matcher(((HttpServletRequest) request).getRequestURI()).matches()) {
            chain.doFilter(request, response);
        } else if (places.tryAcquire()) {
            try {
                chain.doFilter(request, response);
            } finally {
                places.release();
            }
        } else {
            Problems.send(
                    request,
                    (HttpServletResponse) response,
                    new Refusal(Code.UNAVAILABLE, most + " expositions and logs are being read already: try again")
                            .retryAfter(RETRY));
        }
    }
}

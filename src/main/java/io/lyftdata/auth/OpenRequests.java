package io.lyftdata.auth;

import io.dropwizard.lifecycle.Managed;
import io.lyftdata.api.Refusal;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.ws.rs.container.ContainerRequestContext;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.EndPoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Judges those again whose request is under way: a log that is being read, or sent, ends within a second after its token
 * was revoked, its worker isolated, its address taken off the allowlist, or the server locked down. Safe for use by many
 * threads.
 */
public final class OpenRequests implements Filter, Managed {
    private static final Logger LOG = LoggerFactory.getLogger(OpenRequests.class);
    private static final long SWEEP_MILLIS = 300;
    /** The request's attribute that holds how its caller is judged. */
    private static final String VERDICT = OpenRequests.class.getName();

    private final Set<Open> all = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "open-requests");
        thread.setDaemon(true);
        return thread;
    });

    private ScheduledFuture<?> sweeps;

    /** One request; the verdict is null until its caller was judged the first time. */
    private static final class Open {
        private final EndPoint connection;
        private volatile Runnable verdict;
        private boolean isOld;

        private Open(EndPoint connection) {
            this.connection = connection;
        }
    }

    /** Says how the caller of this request is judged again: by a {@link Refusal}, or not. */
    static void judged(ContainerRequestContext request, Runnable verdict) {
        if (request.getProperty(VERDICT) instanceof Open open) {
            open.verdict = verdict;
        }
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        Open open = new Open(ServletContextRequest.getServletContextRequest(request)
                .getConnectionMetaData()
                .getConnection()
                .getEndPoint());
        request.setAttribute(VERDICT, open);
        all.add(open);
        try {
            chain.doFilter(request, response);
        } finally {
            all.remove(open);
        }
    }

    @Override
    public void start() {
        sweeps = executor.scheduleWithFixedDelay(this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void stop() {
        sweeps.cancel(false);
        executor.shutdown();
    }

    /** Those that were there at the sweep before. */
    private void sweep() {
        for (Open open : all) {
            if (open.isOld && open.verdict != null) {
                judge(open);
            }
            open.isOld = true;
        }
    }

    /** What cannot be judged now is judged by the next sweep. */
    private void judge(Open open) {
        try {
            open.verdict.run();
        } catch (Refusal refusal) {
            if (isFinal(refusal) && all.remove(open)) {
                LOG.info("a request under way was ended: {}", refusal.code().wire());
                close(open.connection);
            }
        } catch (RuntimeException e) {
            LOG.warn("a request under way cannot be judged again now", e);
        }
    }

    /** A key whose time is over was good when the request began, and is no reason to lose what it brings. */
    private static boolean isFinal(Refusal refusal) {
        return switch (refusal.code()) {
            case KEY_REVOKED, WORKER_ISOLATED, ADDRESS_REFUSED, LOCKED_DOWN -> true;
            default -> false;
        };
    }

    /** Under TLS too: without waiting for a peer that reads nothing. */
    private static void close(EndPoint connection) {
        if (connection.getTransport() instanceof EndPoint below) {
            below.close();
        }
        connection.close();
    }
}

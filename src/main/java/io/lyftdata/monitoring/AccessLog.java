package io.lyftdata.monitoring;

import io.lyftdata.crypto.KeyString;
import io.lyftdata.http.RequestId;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.NanoTime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.Level;

/**
 * One line a request: method, path without its query and without a key's secret, status, bytes, milliseconds, peer. What workers and probes send
 * all the time is logged at DEBUG when it succeeds.
 */
public final class AccessLog implements RequestLog {
    private static final Logger LOG = LoggerFactory.getLogger("access");
    private static final int LONGEST_PATH = 512;

    @Override
    public void log(Request request, Response response) {
        String path = Request.getPathInContext(request);
        int status = response.getStatus();
        boolean routine = status < 400 && (path.startsWith("/api/worker/") || path.equals("/api/health"));
        if (routine ? !LOG.isDebugEnabled() : !LOG.isInfoEnabled()) {
            return;
        }
        String shown = KeyString.redacted(path);
        long millis = NanoTime.millisSince(request.getBeginNanoTime());
        String line = String.join(
                " ",
                request.getMethod(),
                shown.length() > LONGEST_PATH ? shown.substring(0, LONGEST_PATH) : shown,
                Integer.toString(status),
                Response.getContentBytesWritten(response) + "B",
                millis + "ms",
                Request.getRemoteAddr(request));
        if (request.getAttribute(RequestId.KEY) instanceof String requestId) {
            MDC.put(RequestId.KEY, requestId);
        }
        LOG.atLevel(routine ? Level.DEBUG : Level.INFO).log(line);
        MDC.remove(RequestId.KEY);
    }
}

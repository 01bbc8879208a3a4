package io.lyftdata.http;

import io.lyftdata.api.Code;
import io.lyftdata.api.Problem;
import io.lyftdata.api.Refusal;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Makes Jetty's own errors, met before any route (400, 404, 431, 505), problem+json with the same headers as ours. */
public final class ProblemErrorHandler extends ErrorHandler {
    private final List<HttpField> securityHeaders;

    /** @param https as for {@link SecurityHeaders} */
    public ProblemErrorHandler(boolean https) {
        this.securityHeaders = SecurityHeaders.headers(https);
    }

    @Override
    public boolean errorPageForMethod(String method) {
        return true;
    }

    @Override
    protected void generateResponse(
            Request request, Response response, int status, String message, Throwable cause, Callback callback) {
        Object known = request.getAttribute(RequestId.KEY);
        response.write(true, problem(status, known, response.getHeaders()), callback);
    }

    private ByteBuffer problem(int status, Object knownId, HttpFields.Mutable headers) {
        String id = Optional.ofNullable(knownId).map(String::valueOf).orElseGet(RequestId::generate);
        Refusal refusal = status == HttpStatus.HTTP_VERSION_NOT_SUPPORTED_505
                ? new Refusal(Code.BAD_REQUEST, "speak HTTP/1.1")
                : Problems.ofStatus(status);
        securityHeaders.forEach(headers::put);
        Problems.headers(refusal).forEach(headers::put);
        headers.put(RequestId.HEADER, id);
        headers.put(HttpHeader.CONTENT_TYPE, Problem.MEDIA_TYPE);
        // No Content-Length: Jetty adds it, but were it set here, its servlet side would miss these bytes among its
        // own, and close the connection on a client that is still sending.
        return ByteBuffer.wrap(Problems.body(status, refusal, id));
    }
}

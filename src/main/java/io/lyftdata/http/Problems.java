package io.lyftdata.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lyftdata.api.Code;
import io.lyftdata.api.Problem;
import io.lyftdata.api.Refusal;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpStatus;

/** Turns a refusal into the answer that every client gets: problem+json and its headers. */
public final class Problems {
    private static final ObjectMapper MAPPER = Json.configure(new ObjectMapper());

    private static final String REFUSAL = Refusal.class.getName();

    private Problems() {}

    static byte[] body(Refusal refusal, String requestId) {
        return body(refusal.code().status(), refusal, requestId);
    }

    /** With an HTTP status that the code does not have. */
    static byte[] body(int status, Refusal refusal, String requestId) {
        Problem problem = new Problem(
                "about:blank",
                HttpStatus.getMessage(status),
                status,
                refusal.detail(),
                refusal.code().wire(),
                requestId,
                refusal.facts());
        try {
            return MAPPER.writeValueAsBytes(problem);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a problem does not turn into JSON", e);
        }
    }

    /** Besides the type and length: {@code WWW-Authenticate} (RFC 6750) and {@code Retry-After}. */
    static Map<String, String> headers(Refusal refusal) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (refusal.code().status() == HttpStatus.UNAUTHORIZED_401) {
            headers.put("WWW-Authenticate", "Bearer realm=\"lyftdata\"");
        }
        refusal.retryAfter().ifPresent(wait -> headers.put("Retry-After", Long.toString(wholeSeconds(wait))));
        return headers;
    }

    /** From a servlet filter, instead of going on. */
    public static void send(ServletRequest request, HttpServletResponse response, Refusal refusal) throws IOException {
        note(request, refusal);
        byte[] body = body(refusal, String.valueOf(request.getAttribute(RequestId.KEY)));
        response.setStatus(refusal.code().status());
        headers(refusal).forEach(response::setHeader);
        response.setContentType(Problem.MEDIA_TYPE);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    /** Leaves the refusal at the request, for whoever keeps the record of them. */
    static void note(ServletRequest request, Refusal refusal) {
        request.setAttribute(REFUSAL, refusal);
    }

    /** How the request was refused; empty when it was not. */
    public static Optional<Refusal> of(ServletRequest request) {
        return Optional.ofNullable((Refusal) request.getAttribute(REFUSAL));
    }

    /** What to say when nothing but an HTTP status is known. */
    static Refusal ofStatus(int status) {
        Code code = Code.ofStatus(status);
        return new Refusal(
                code,
                switch (code) {
                    case NOT_FOUND -> "there is nothing at this path: docs/api.md lists every route";
                    case METHOD_NOT_ALLOWED ->
                        "this path does not take this method: the Allow header names those it does";
                    case NOT_ACCEPTABLE -> "this route cannot answer in the form that Accept asks for";
                    case MEDIA_TYPE_UNSUPPORTED ->
                        "this route does not take this Content-Type: JSON is application/json";
                    case REQUEST_TIMEOUT -> "the request came too slowly: send it again";
                    case BODY_TOO_LARGE -> "the body is too long: send less at once";
                    case URI_TOO_LONG -> "the URL is too long: send less in it";
                    case HEADERS_TOO_LARGE -> "the headers are too long or too many: send fewer";
                    case UNAVAILABLE -> "the server cannot serve this now: try again";
                    case INTERNAL_ERROR -> "the server failed: its log says why, under this requestId";
                    default -> "the request cannot be understood: check it against HTTP/1.1 and docs/api.md";
                });
    }

    private static long wholeSeconds(Duration wait) {
        return Math.max(1, wait.plusNanos(999_999_999).toSeconds());
    }
}

package io.lyftdata.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
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

    private static long wholeSeconds(Duration wait) {
        return Math.max(1, wait.plusNanos(999_999_999).toSeconds());
    }
}

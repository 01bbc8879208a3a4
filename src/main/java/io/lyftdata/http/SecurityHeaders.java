package io.lyftdata.http;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Puts the security headers on every answer and refuses methods that no route has. {@code Strict-Transport-Security}
 * (RFC 6797) goes out only where the client came by HTTPS.
 */
public final class SecurityHeaders implements Filter {
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "DELETE");

    private final Map<String, String> headers;

    /** @param https whether clients reach the server by HTTPS, at its own port or at a proxy's */
    public SecurityHeaders(boolean https) {
        this.headers = headers(https);
    }

    static Map<String, String> headers(boolean https) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Cache-Control", "no-store");
        headers.put("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        headers.put("Referrer-Policy", "no-referrer");
        headers.put("X-Content-Type-Options", "nosniff");
        if (https) {
            headers.put("Strict-Transport-Security", "max-age=31536000");
        }
        return headers;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletResponse answer = (HttpServletResponse) response;
        headers.forEach(answer::setHeader);
        if (METHODS.contains(((HttpServletRequest) request).getMethod())) {
            chain.doFilter(request, response);
        } else {
            answer.setHeader("Allow", "GET, HEAD, POST, PUT, DELETE");
            Problems.send(request, answer, new Refusal(Code.METHOD_NOT_ALLOWED, "no route has this method"));
        }
    }
}

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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.eclipse.jetty.ee10.servlet.ServletContextResponse;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.PreEncodedHttpField;

/**
 * Puts the security headers on every answer and refuses methods that no route has. {@code Strict-Transport-Security}
 * (RFC 6797) goes out only where the client came by HTTPS.
 */
public final class SecurityHeaders implements Filter {
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "DELETE");

    private final List<HttpField> headers;

    /** @param https whether clients reach the server by HTTPS, at its own port or at a proxy's */
    public SecurityHeaders(boolean https) {
        this.headers = headers(https);
    }

    /** As bytes for the wire already, for every answer has them. */
    static List<HttpField> headers(boolean https) {
        List<HttpField> headers = new ArrayList<>();
        headers.add(new PreEncodedHttpField("Cache-Control", "no-store"));
        headers.add(new PreEncodedHttpField("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"));
        headers.add(new PreEncodedHttpField("Referrer-Policy", "no-referrer"));
        headers.add(new PreEncodedHttpField("X-Content-Type-Options", "nosniff"));
        if (https) {
            headers.add(new PreEncodedHttpField("Strict-Transport-Security", "max-age=31536000"));
        }
        return List.copyOf(headers);
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletResponse answer = (HttpServletResponse) response;
        headers.forEach(
                ServletContextResponse.getServletContextResponse(response).getHeaders()::put);
        if (METHODS.contains(((HttpServletRequest) request).getMethod())) {
            chain.doFilter(request, response);
        } else {
            answer.setHeader("Allow", "GET, HEAD, POST, PUT, DELETE");
            Problems.send(request, answer, new Refusal(Code.METHOD_NOT_ALLOWED, "no route has this method"));
        }
    }
}

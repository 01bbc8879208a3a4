package io.lyftdata.server;

import io.lyftdata.crypto.Digests;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * Keeps the admin connector to those who can read {@code admin.token}: no browser page (foreign Host, any Origin), no
 * proxy (any forwarded header), nobody without the token except on {@code /ping}.
 */
final class AdminGuard implements Filter {
    private static final List<String> HOSTS = List.of("127.0.0.1", "localhost", "[::1]");

    private final String token;

    AdminGuard(String token) {
        this.token = token;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest http = (HttpServletRequest) request;
        HttpServletResponse answer = (HttpServletResponse) response;
        answer.setHeader("Cache-Control", "no-store");
        answer.setHeader("X-Content-Type-Options", "nosniff");
        if (isForeign(http)) {
            refuse(
                    answer,
                    403,
                    "the admin connector is for this host only: no proxy, no browser, Host as in its address");
        } else if (!http.getRequestURI().equals("/ping") && !hasToken(http)) {
            answer.setHeader("WWW-Authenticate", "Bearer realm=\"lyftdata-admin\"");
            refuse(
                    answer,
                    401,
                    "send `Authorization: Bearer` with the content of admin.token in the staging directory");
        } else if (http.getQueryString() != null) {
            refuse(answer, 400, "arguments travel in the body, never in the URL");
        } else {
            chain.doFilter(request, response);
        }
    }

    private static boolean isForeign(HttpServletRequest request) {
        String port = ":" + request.getLocalPort();
        String host = String.valueOf(request.getHeader("Host")).toLowerCase(Locale.ROOT);
        boolean known = HOSTS.stream().anyMatch(name -> host.equals(name + port));
        boolean forwarded = Collections.list(request.getHeaderNames()).stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .anyMatch(name -> name.equals("origin")
                        || name.equals("forwarded")
                        || name.equals("via")
                        || name.equals("x-real-ip")
                        || name.startsWith("x-forwarded-"));
        return !known || forwarded;
    }

    private boolean hasToken(HttpServletRequest request) {
        List<String> values = Collections.list(request.getHeaders("Authorization"));
        return values.size() == 1 && Digests.same(values.get(0), "Bearer " + token);
    }

    private static void refuse(HttpServletResponse response, int status, String sentence) throws IOException {
        response.setStatus(status);
        response.setContentType("text/plain; charset=utf-8");
        response.getWriter().println(sentence);
    }
}

package io.lyftdata.http;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.auth.AuthorizationHeader;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;

/**
 * What holds for every route, known or not: few headers, one {@code Authorization} at most, no credential in the URL and
 * no {@code ;} in its path.
 */
public final class RequestChecks implements Filter {
    private static final int MAX_HEADERS = 100;
    private static final Pattern KEY = Pattern.compile("lyd_[a-z]{2}_[0-9a-f]{32}_");
    private static final Pattern PAIRS = Pattern.compile("[&;]");
    private static final Set<String> CREDENTIAL_NAMES =
            Set.of("access_token", "api_key", "apikey", "authorization", "bearer", "password", "secret", "token");

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        Optional<Refusal> refusal = check((HttpServletRequest) request);
        if (refusal.isPresent()) {
            Problems.send(request, (HttpServletResponse) response, refusal.get());
        } else {
            chain.doFilter(request, response);
        }
    }

    private static Optional<Refusal> check(HttpServletRequest request) {
        if (ServletContextRequest.getServletContextRequest(request).getHeaders().size() > MAX_HEADERS) {
            return Optional.of(
                    new Refusal(Code.HEADERS_TOO_LARGE, "more than " + MAX_HEADERS + " headers: send fewer"));
        }
        if (Collections.list(request.getHeaders(AuthorizationHeader.NAME)).size() > 1) {
            return Optional.of(
                    new Refusal(Code.BAD_REQUEST, "more than one credential: send one Authorization header with one"));
        }
        if (request.getRequestURI().indexOf(';') >= 0) {
            return Optional.of(new Refusal(Code.BAD_REQUEST, "no path here has a `;`: send parameters behind a `?`"));
        }
        return hasCredential(request.getRequestURI(), request.getQueryString());
    }

    private static Optional<Refusal> hasCredential(String path, String query) {
        try {
            if (!isKey(path) && (query == null || !(isKey(query) || namesCredential(query)))) {
                return Optional.empty();
            }
        } catch (IllegalArgumentException e) {
            return Optional.of(new Refusal(Code.BAD_REQUEST, "the URL has a `%` that two hex digits do not follow"));
        }
        return Optional.of(new Refusal(
                Code.BAD_REQUEST,
                "a credential in the URL ends up in logs: send it in the Authorization header, and replace this one"));
    }

    private static boolean isKey(String text) {
        return KEY.matcher(text).find()
                || (text.indexOf('%') >= 0 && KEY.matcher(decode(text)).find());
    }

    private static boolean namesCredential(String query) {
        return PAIRS.splitAsStream(query)
                .map(pair ->
                        decode(pair.substring(0, (pair + "=").indexOf('='))).toLowerCase(Locale.ROOT))
                .anyMatch(CREDENTIAL_NAMES::contains);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}

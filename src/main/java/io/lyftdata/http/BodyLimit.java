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
import java.util.function.Function;

/**
 * Holds request bodies to their size, as sent and as inflated, and inflates gzip (RFC 1952) where it is taken. A body
 * that is announced as too long is refused before it is read. The server's own gzip handler must be off.
 */
public final class BodyLimit implements Filter {
    /**
     * What a path takes.
     *
     * @param bytes the longest body, as sent and as inflated
     * @param gzip whether the body may come compressed
     */
    public record Rule(long bytes, boolean gzip) {}

    private final Function<String, Rule> rules;

    /** @param rules by path, such as {@code /api/worker/logs} */
    public BodyLimit(Function<String, Rule> rules) {
        this.rules = rules;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest http = (HttpServletRequest) request;
        Rule rule = rules.apply(http.getRequestURI());
        String encoding = http.getHeader("Content-Encoding");
        boolean isGzip = "gzip".equalsIgnoreCase(encoding);
        if (request.getContentLengthLong() > rule.bytes()) {
            // The rest of the body is not read, so the connection cannot be used again.
            ((HttpServletResponse) response).setHeader("Connection", "close");
            Problems.send(request, (HttpServletResponse) response, LimitedRequest.tooLarge(rule.bytes()));
        } else if (encoding != null && !(isGzip && rule.gzip())) {
            Problems.send(
                    request,
                    (HttpServletResponse) response,
                    new Refusal(
                            Code.MEDIA_TYPE_UNSUPPORTED,
                            rule.gzip() ? "only gzip is inflated here" : "send the body uncompressed here"));
        } else {
            chain.doFilter(new LimitedRequest(http, rule, isGzip), response);
        }
    }
}

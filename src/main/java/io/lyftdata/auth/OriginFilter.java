package io.lyftdata.auth;

import inet.ipaddr.IPAddress;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import java.io.IOException;
import java.util.Collections;
import java.util.Optional;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.util.Attributes;

/** Finds each request's {@link Origin} once, before anything else asks who is calling. */
public final class OriginFilter implements Filter {
    private static final String ATTRIBUTE = Origin.class.getName();

    private final TrustedProxies proxies;

    public OriginFilter(TrustedProxies proxies) {
        this.proxies = proxies;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest http = (HttpServletRequest) request;
        request.setAttribute(
                ATTRIBUTE,
                proxies.resolve(
                        peer(http),
                        Collections.list(http.getHeaders(proxies.header().field()))));
        chain.doFilter(request, response);
    }

    /** Read once a connection, for it cannot become another. */
    private static Optional<IPAddress> peer(HttpServletRequest request) {
        Attributes connection =
                ServletContextRequest.getServletContextRequest(request).getConnectionMetaData();
        if (connection.getAttribute(ATTRIBUTE) instanceof Peer known) {
            return known.address();
        }
        Peer read = new Peer(Addresses.ofPeer(request.getRemoteAddr()));
        connection.setAttribute(ATTRIBUTE, read);
        return read.address();
    }

    private record Peer(Optional<IPAddress> address) {}

    /** Where the request comes from; a request that did not pass this filter is an error of the server. */
    public static Origin of(ContainerRequestContext request) {
        return known(request.getProperty(ATTRIBUTE));
    }

    /** Where the request comes from; a request that did not pass this filter is an error of the server. */
    public static Origin of(ServletRequest request) {
        return known(request.getAttribute(ATTRIBUTE));
    }

    /** The same, empty for a request that was refused before this filter. */
    public static Optional<Origin> find(ServletRequest request) {
        return Optional.ofNullable((Origin) request.getAttribute(ATTRIBUTE));
    }

    private static Origin known(Object attribute) {
        if (attribute instanceof Origin origin) {
            return origin;
        }
        throw new IllegalStateException("a request passed without its origin");
    }
}

package io.lyftdata.certificate;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.auth.Addresses;
import io.lyftdata.auth.TrustedProxies;
import io.lyftdata.http.Problems;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;

/**
 * For a server that speaks plain HTTP: refuses peers that are neither this host nor a trusted proxy before their
 * credentials are read, and credentials that a proxy took over plain HTTP.
 */
public final class SchemeGuard implements Filter {
    private final TrustedProxies proxies;

    public SchemeGuard(TrustedProxies proxies) {
        this.proxies = proxies;
    }

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

    private Optional<Refusal> check(HttpServletRequest request) {
        var peer = Addresses.ofPeer(request.getRemoteAddr());
        boolean trusted = peer.filter(proxies::contains).isPresent();
        if (!trusted && peer.filter(address -> address.isLoopback()).isEmpty()) {
            return Optional.of(new Refusal(
                    Code.ADDRESS_REFUSED, "this port is for trusted proxies only; call the proxy's https:// address"));
        }
        String scheme = request.getHeader("X-Forwarded-Proto");
        if (trusted && !"https".equalsIgnoreCase(scheme) && request.getHeader("Authorization") != null) {
            return Optional.of(new Refusal(
                    Code.HTTPS_REQUIRED,
                    "a credential came over plain HTTP: use https://, replace the credential, and have the proxy send"
                            + " X-Forwarded-Proto"));
        }
        return Optional.empty();
    }
}

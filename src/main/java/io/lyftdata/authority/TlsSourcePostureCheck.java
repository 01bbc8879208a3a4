package io.lyftdata.authority;

import io.lyftdata.api.posture.Severity;
import io.lyftdata.config.HostPort;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.util.List;

/** Who vouches for the server's certificate, and who terminates TLS when the server does not. */
public final class TlsSourcePostureCheck implements PostureCheck {
    private static final Rule RULE = new Rule(
            "tls-source",
            Severity.LOW,
            "A server that other hosts can reach with a certificate of its own private authority, which people have to"
                    + " pin, and one with `disable-tls` that knows of no proxy (`trusted-proxies`), are findings.",
            "“For production, install a trusted certificate (or terminate TLS behind a reverse proxy).” “Reverse proxy:"
                    + " terminate TLS in a proxy and run the server with --disable-tls.”",
            "Set `tls-cert` and `tls-key`, or terminate TLS in a proxy with `disable-tls` and name it in"
                    + " `trusted-proxies`; it needs a restart. A fleet that pins the authority on purpose is a reason for"
                    + " a waiver.");

    private final HostPort bindAddress;
    private final boolean isPlain;
    private final boolean isOwn;
    private final boolean hasProxy;

    /**
     * @param isPlain whether the server speaks plain HTTP
     * @param isOwn whether its certificate is of its own authority
     * @param hasProxy whether it trusts one
     */
    public TlsSourcePostureCheck(HostPort bindAddress, boolean isPlain, boolean isOwn, boolean hasProxy) {
        this.bindAddress = bindAddress;
        this.isPlain = isPlain;
        this.isOwn = isOwn;
        this.hasProxy = hasProxy;
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() {
        if (isPlain && !hasProxy) {
            return List.of(new Finding(
                    "disable-tls",
                    "the server speaks plain HTTP and trusts no proxy, so nothing is known to terminate TLS",
                    "disable-tls: false, or trusted-proxies: [127.0.0.1] for a proxy on this host; then restart"));
        }
        return !isPlain && isOwn && !bindAddress.isLoopback()
                ? List.of(new Finding(
                        "tls-cert",
                        "other hosts reach the server by a certificate that only its own authority vouches for",
                        "tls-cert: FILE and tls-key: FILE, issued by an authority that clients trust; then restart"))
                : List.of();
    }
}

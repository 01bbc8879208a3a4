package io.lyftdata.auth;

import inet.ipaddr.IPAddress;
import java.util.Optional;

/**
 * Where a request comes from.
 *
 * @param address the caller's address: the TCP peer's, or what a trusted proxy says of it; empty when such a proxy does
 *     not say
 * @param proxy the trusted proxy in between, if there is one
 */
public record Origin(Optional<IPAddress> address, Optional<IPAddress> proxy) {
    private static final int IPV6_NETWORK = 64;

    /** Of what does not come over the network. */
    public static final Origin NONE = new Origin(Optional.empty(), Optional.empty());

    /** For logs and records: the address in its canonical form (RFC 5952), or {@code unknown}. */
    public String text() {
        return address.map(IPAddress::toCanonicalString).orElse("unknown");
    }

    /** What one party holds at least: the IPv4 address, the IPv6 /64, or all that a silent proxy passes on. */
    public String network() {
        if (address.isEmpty()) {
            return "behind " + proxy.map(IPAddress::toCanonicalString).orElse("nobody");
        }
        return address.get().isIPv6()
                ? address.get().toPrefixBlock(IPV6_NETWORK).toCanonicalString()
                : text();
    }
}

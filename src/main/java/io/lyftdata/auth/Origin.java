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
    /** Of what does not come over the network. */
    public static final Origin NONE = new Origin(Optional.empty(), Optional.empty());

    /** For logs and records: the address in its canonical form (RFC 5952), or {@code unknown}. */
    public String text() {
        return address.map(IPAddress::toCanonicalString).orElse("unknown");
    }
}

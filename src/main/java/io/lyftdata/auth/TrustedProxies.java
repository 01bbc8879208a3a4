package io.lyftdata.auth;

import inet.ipaddr.IPAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The one resolver of a caller's address. The TCP peer is the caller, unless it is a trusted proxy: then the one chosen
 * header is read from the right, skipping trusted proxies. What such a proxy does not say, or says unreadably, is
 * unknown; it is never the proxy's own address. Safe for use by many threads; the list can be replaced at any time.
 */
public final class TrustedProxies {
    /** The header that the proxies write; the other one is ignored. */
    public enum Header {
        X_FORWARDED_FOR("X-Forwarded-For"),
        FORWARDED("Forwarded");

        private final String field;

        Header(String field) {
            this.field = field;
        }

        /** The name of the header field. */
        public String field() {
            return field;
        }

        /**
         * The header of that name, whatever its case.
         *
         * @throws IllegalArgumentException with a sentence that says which there are
         */
        public static Header of(String field) {
            return Arrays.stream(values())
                    .filter(header -> header.field.equalsIgnoreCase(field))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("`" + field + "` is not read: choose "
                            + Arrays.stream(values()).map(Header::field).collect(Collectors.joining(" or "))));
        }

        private Optional<List<String>> hops(String line) {
            return this == FORWARDED ? ForwardedHeader.standard(line) : ForwardedHeader.plain(line);
        }
    }

    private final Header header;
    private volatile List<IPAddress> networks;

    public TrustedProxies(List<IPAddress> networks, Header header) {
        this.networks = List.copyOf(networks);
        this.header = header;
    }

    /** From now on these are trusted, and no others. */
    public void replace(List<IPAddress> trusted) {
        networks = List.copyOf(trusted);
    }

    public List<IPAddress> networks() {
        return networks;
    }

    public Header header() {
        return header;
    }

    public boolean contains(IPAddress address) {
        return contains(networks, address);
    }

    /**
     * Where a request comes from.
     *
     * @param peer the TCP peer; empty when it cannot be known
     * @param lines the lines of the chosen header, in the order in which they came
     */
    public Origin resolve(Optional<IPAddress> peer, List<String> lines) {
        List<IPAddress> trusted = networks;
        if (peer.isEmpty() || !contains(trusted, peer.get())) {
            return new Origin(peer, Optional.empty());
        }
        return new Origin(client(trusted, lines), peer);
    }

    private Optional<IPAddress> client(List<IPAddress> trusted, List<String> lines) {
        List<String> newestFirst = new ArrayList<>(lines);
        Collections.reverse(newestFirst);
        for (String line : newestFirst) {
            Optional<List<String>> hops = header.hops(line);
            if (hops.isEmpty()) {
                return Optional.empty();
            }
            for (int i = hops.get().size() - 1; i >= 0; i--) {
                Optional<IPAddress> hop = Addresses.address(hops.get().get(i));
                if (hop.isEmpty() || !contains(trusted, hop.get())) {
                    return hop;
                }
            }
        }
        return Optional.empty();
    }

    private static boolean contains(List<IPAddress> networks, IPAddress address) {
        return networks.stream().anyMatch(network -> network.contains(address));
    }
}

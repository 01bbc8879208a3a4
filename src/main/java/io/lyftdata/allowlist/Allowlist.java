package io.lyftdata.allowlist;

import inet.ipaddr.IPAddress;
import io.lyftdata.auth.Addresses;
import io.lyftdata.auth.Origin;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Who may read metrics and logs by address alone: nobody, unless listed. An unknown address is not listed. Safe for use
 * by many threads; the list can be replaced at any time.
 */
public final class Allowlist {
    private static final Set<String> PARTS = Set.of("metrics", "logs");
    private static final int WIDEST_IPV4 = 24;
    private static final int WIDEST_IPV6 = 64;

    private final Consumer<Entry> use;
    private volatile List<Entry> entries;

    /** @param use is told of the entry that lets somebody in */
    public Allowlist(List<Entry> entries, Consumer<Entry> use) {
        this.entries = List.copyOf(entries);
        this.use = use;
    }

    /**
     * One line of the list.
     *
     * @param text as it was written
     * @param network an address, or a network no wider than /24 (IPv4) or /64 (IPv6)
     * @param parts what it opens: {@code metrics}, {@code logs}, or both
     */
    public record Entry(String text, IPAddress network, Set<String> parts) {
        public Entry {
            int widest = network.isIPv4() ? WIDEST_IPV4 : WIDEST_IPV6;
            if (network.isPrefixed() && network.getNetworkPrefixLength() < widest) {
                throw new IllegalArgumentException(
                        "`" + text + "` is wider than /" + widest + ": list the collectors' own addresses");
            }
        }

        /**
         * An address or network, and {@code =metrics} or {@code =logs} behind it to open only those.
         *
         * @throws IllegalArgumentException with a sentence that names the text
         */
        public static Entry parse(String text) {
            int sign = text.indexOf('=');
            if (sign < 0) {
                return new Entry(text, Addresses.network(text), PARTS);
            }
            String part = text.substring(sign + 1);
            if (!PARTS.contains(part)) {
                throw new IllegalArgumentException("`" + text + "` must end in =metrics or =logs, or in neither");
            }
            return new Entry(text, Addresses.network(text.substring(0, sign)), Set.of(part));
        }
    }

    /**
     * Each text as {@link Entry#parse}, and none of them a trusted proxy: else whoever the proxy serves is a collector.
     *
     * @throws IllegalArgumentException with a sentence that names the first bad entry
     */
    public static List<Entry> parse(List<String> texts, List<IPAddress> trustedProxies) {
        List<Entry> entries = texts.stream().map(Entry::parse).toList();
        for (Entry entry : entries) {
            for (IPAddress proxy : trustedProxies) {
                if (proxy.contains(entry.network()) || entry.network().contains(proxy)) {
                    throw new IllegalArgumentException("`" + entry.text() + "` is also a trusted proxy ("
                            + proxy.toCanonicalString() + "): take it out of one of the two lists");
                }
            }
        }
        return entries;
    }

    /** From now on these are allowed, and no others. */
    public void replace(List<Entry> allowed) {
        entries = List.copyOf(allowed);
    }

    public List<Entry> entries() {
        return entries;
    }

    /** Whether a collector there may read this part, {@code metrics} or {@code logs}. */
    public boolean allows(Origin origin, String part) {
        Optional<Entry> opening = origin.address()
                .flatMap(address -> entries.stream()
                        .filter(entry ->
                                entry.parts().contains(part) && entry.network().contains(address))
                        .findFirst());
        opening.ifPresent(use);
        return opening.isPresent();
    }
}

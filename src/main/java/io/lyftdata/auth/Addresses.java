package io.lyftdata.auth;

import inet.ipaddr.AddressStringException;
import inet.ipaddr.AddressStringParameters.RangeParameters;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
import inet.ipaddr.IPAddressStringParameters;
import inet.ipaddr.IncompatibleAddressException;
import inet.ipaddr.ipv6.IPv6Address;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Strict reading of addresses and networks: one spelling, one meaning. Refused are zone ids, octal, hexadecimal and
 * shortened forms, wildcards, ranges, host bits below a prefix, a prefix of 0 (that is: anywhere), and white space.
 * IPv4-mapped IPv6 becomes its IPv4.
 */
public final class Addresses {
    private static final Pattern PLAIN = Pattern.compile("[0-9A-Fa-f:.]{2,45}(/[0-9]{1,3})?");
    private static final IPAddressStringParameters STRICT = strict();
    private static final int MAPPED_PREFIX = 96;

    private Addresses() {}

    private static IPAddressStringParameters strict() {
        IPAddressStringParameters.Builder strict = new IPAddressStringParameters.Builder()
                .allowEmpty(false)
                .allowAll(false)
                .allowSingleSegment(false)
                .allowWildcardedSeparator(false)
                .allowPrefix(true)
                .allowPrefixOnly(false)
                .allowMask(false)
                .allow_inet_aton(false)
                .setRangeOptions(RangeParameters.NO_RANGE);
        strict.getIPv4AddressParametersBuilder()
                .allowBinary(false)
                .allowLeadingZeros(false)
                .allowPrefixLengthLeadingZeros(false)
                .allowPrefixesBeyondAddressSize(false);
        strict.getIPv6AddressParametersBuilder()
                .allowZone(false)
                .allowBase85(false)
                .allowBinary(false)
                .allowMixed(true)
                .allowUnlimitedLeadingZeros(false)
                .allowPrefixLengthLeadingZeros(false)
                .allowPrefixesBeyondAddressSize(false)
                .getEmbeddedIPv4AddressParametersBuilder()
                .allowBinary(false)
                .allow_inet_aton(false)
                .allowLeadingZeros(false);
        return strict.toParams();
    }

    /** One address; empty when the text is anything else. */
    public static Optional<IPAddress> address(String text) {
        return text.indexOf('/') >= 0 ? Optional.empty() : read(text);
    }

    /**
     * One address or one network.
     *
     * @throws IllegalArgumentException with a sentence that names the text
     */
    public static IPAddress network(String text) {
        IPAddress network = read(text)
                .orElseThrow(
                        () -> new IllegalArgumentException(
                                "`" + text
                                        + "` is no address or network: write it in full, such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/64"));
        if (network.isPrefixed() && !network.isPrefixBlock()) {
            throw new IllegalArgumentException("`" + text + "` has bits set behind its prefix: write `"
                    + network.toPrefixBlock().toCanonicalString() + "`, or the one address without a prefix");
        }
        boolean isOne = network.isPrefixed() && network.getNetworkPrefixLength() == network.getBitCount();
        return isOne ? network.withoutPrefixLength() : network;
    }

    /**
     * Each entry as {@link #network(String)}.
     *
     * @throws IllegalArgumentException with a sentence that names the first bad entry
     */
    public static List<IPAddress> networks(List<String> entries) {
        return entries.stream().map(Addresses::network).toList();
    }

    /** Whether the origin is one of the sources; any, known or not, when there are none. */
    public static boolean isFrom(List<String> sources, Origin origin) {
        return sources.isEmpty()
                || origin.address().stream()
                        .anyMatch(address -> sources.stream()
                                .anyMatch(source -> network(source).contains(address)));
    }

    /** The servlet API's spelling of a peer: brackets and scope are the platform's and are cut. */
    public static Optional<IPAddress> ofPeer(String remoteAddress) {
        if (remoteAddress == null) {
            return Optional.empty();
        }
        boolean hasBrackets = remoteAddress.startsWith("[") && remoteAddress.endsWith("]");
        String inner = hasBrackets ? remoteAddress.substring(1, remoteAddress.length() - 1) : remoteAddress;
        int scope = inner.indexOf('%');
        return address(scope < 0 ? inner : inner.substring(0, scope));
    }

    private static Optional<IPAddress> read(String text) {
        if (!PLAIN.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(unmapped(new IPAddressString(text, STRICT).toAddress()));
        } catch (AddressStringException | IncompatibleAddressException e) {
            return Optional.empty();
        }
    }

    private static IPAddress unmapped(IPAddress address) {
        if (!(address instanceof IPv6Address six) || !six.isIPv4Mapped()) {
            return address;
        }
        IPAddress four = six.withoutPrefixLength().getLower().toIPv6().getEmbeddedIPv4Address();
        Integer prefix = six.getNetworkPrefixLength();
        return prefix == null || prefix < MAPPED_PREFIX ? four : four.setPrefixLength(prefix - MAPPED_PREFIX, false);
    }
}

package io.lyftdata.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Splits one line of a forwarding header into its hops, left to right; empty when the line breaks the grammar. */
final class ForwardedHeader {
    /** A token, or a quoted string without control characters (RFC 9110, section 5.6). */
    private static final String VALUE = "[!#$%&'*+.^_`|~0-9A-Za-z-]+|\"(?:[ !#-\\x5B\\x5D-~]|\\\\[ -~])*\"";

    private static final Pattern PAIR =
            Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(" + VALUE + ")[ \\t]*([;,]|$)[ \\t]*");
    private static final Pattern WITH_PORT = Pattern.compile("(?:\\[([^\\[\\]]*)\\]|([0-9.]+))(?::[0-9]{1,5})?");

    private ForwardedHeader() {}

    /** {@code X-Forwarded-For}: addresses between commas. */
    static Optional<List<String>> plain(String line) {
        List<String> hops = new ArrayList<>();
        for (String part : line.split(",", -1)) {
            hops.add(node(part.strip()));
        }
        return Optional.of(hops);
    }

    /** {@code Forwarded} (RFC 7239): the {@code for} of each element; a hop without one is an empty text. */
    static Optional<List<String>> standard(String line) {
        List<String> hops = new ArrayList<>();
        Matcher pair = PAIR.matcher(line.strip());
        String hop = null;
        String separator = ",";
        while (pair.lookingAt()) {
            if (pair.group(1).equalsIgnoreCase("for")) {
                if (hop != null) {
                    return Optional.empty();
                }
                hop = node(unquoted(pair.group(2)));
            }
            separator = pair.group(3);
            if (!separator.equals(";")) {
                hops.add(hop == null ? "" : hop);
                hop = null;
            }
            pair.region(pair.end(), pair.regionEnd());
            if (separator.isEmpty()) {
                break;
            }
        }
        return separator.isEmpty() ? Optional.of(hops) : Optional.empty();
    }

    /** The address of a node without brackets and port; other text is left as it is, and is then no address. */
    private static String node(String text) {
        Matcher matcher = WITH_PORT.matcher(text);
        if (!matcher.matches()) {
            return text;
        }
        String six = matcher.group(1);
        boolean isSix = six != null && six.indexOf(':') >= 0;
        return isSix ? six : six == null ? matcher.group(2) : "";
    }

    private static String unquoted(String value) {
        return value.startsWith("\"") ? value.substring(1, value.length() - 1).replaceAll("\\\\(.)", "$1") : value;
    }
}

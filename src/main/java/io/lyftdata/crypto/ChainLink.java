package io.lyftdata.crypto;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a record of the audit log says of its place in the chain.
 *
 * @param previous hash of the record before
 * @param intact whether its hash is that of its fields
 */
public record ChainLink(long position, String segment, String action, String previous, String hash, boolean intact) {
    private static final Pattern LINE = Pattern.compile(
            "\\{\"position\":(\\d{1,18}),\"segment\":\"([0-9a-f]+)\","
                    + "\"time\":\"[^\"]*\",\"action\":\"([A-Z_]+)\",.*,\"previous\":\"([0-9a-f]{64})\",\"hash\":\"([0-9a-f]{64})\"}");
    private static final int HASH_MEMBER = ",\"hash\":\"\"}".length() + 64;

    /** From an export's line, without its end; empty when it is none. */
    public static Optional<ChainLink> of(String line) {
        Matcher link = LINE.matcher(line);
        return link.matches()
                ? Optional.of(new ChainLink(
                        Long.parseLong(link.group(1)),
                        link.group(2),
                        link.group(3),
                        link.group(4),
                        link.group(5),
                        link.group(5).equals(hash(line))))
                : Optional.empty();
    }

    /** Whether the line would be intact a few positions further on or back: so it is in a log that was renumbered. */
    static boolean isMoved(String line) {
        Matcher link = LINE.matcher(line);
        if (!link.matches()) {
            return false;
        }
        long position = Long.parseLong(link.group(1));
        String rest = line.substring(link.end(1));
        for (int by = 1; by <= ChainWalk.RENUMBERED; by++) {
            if (link.group(5).equals(hash("{\"position\":" + (position + by) + rest))
                    || link.group(5).equals(hash("{\"position\":" + (position - by) + rest))) {
                return true;
            }
        }
        return false;
    }

    private static String hash(String line) {
        return Digests.sha256Hex(line.substring(0, line.length() - HASH_MEMBER) + "}");
    }

    /** Only such a record may have another segment than the one before. */
    boolean beginsSegment() {
        return action.equals("SEGMENT_BEGUN");
    }
}

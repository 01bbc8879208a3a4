package io.lyftdata.api.audit;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A record by which an export goes on: as text {@code POSITION:HASH}, so that no place in one chain is taken for one in
 * another.
 *
 * @param hash SHA-256 in lower-case hex
 */
public record Place(long position, String hash) {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,15}):([0-9a-f]{64})");

    /** Empty when it is none. */
    public static Optional<Place> parse(String text) {
        Matcher place = TEXT.matcher(text);
        return place.matches()
                ? Optional.of(new Place(Long.parseLong(place.group(1)), place.group(2)))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return position + ":" + hash;
    }
}

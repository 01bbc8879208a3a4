package io.lyftdata.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** The known name that a mistyped one most likely meant. */
public final class Nearest {
    private Nearest() {}

    /** Empty when nothing is near: more than a third of the letters differ. */
    public static Optional<String> of(String mistyped, Collection<String> known) {
        int limit = Math.max(2, mistyped.length() / 3);
        LevenshteinDistance distance = new LevenshteinDistance(limit);
        return known.stream()
                .filter(name -> distance.apply(mistyped, name) >= 0)
                .min(Comparator.comparing(name -> distance.apply(mistyped, name)));
    }
}

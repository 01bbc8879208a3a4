package io.lyftdata.rotation;

import io.lyftdata.api.Times;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The section {@code rotation} of the configuration.
 *
 * @param maximumAge at which a worker's key is refused, 1 h to 366 d; at about half of it the key is renewed
 * @param overlap how long the former key counts once the new one was used, up to 1 d
 * @param byLabel {@code KEY=VALUE, AGE} or {@code KEY=VALUE, AGE, OVERLAP} for workers with that label; the first that
 *     fits counts
 */
public record RotationConfig(Duration maximumAge, Duration overlap, List<String> byLabel) {
    private static final Duration SHORTEST_AGE = Duration.ofHours(1);
    private static final Duration LONGEST_AGE = Duration.ofDays(366);
    private static final Duration LONGEST_OVERLAP = Duration.ofDays(1);

    /** How long keys count. */
    record Terms(Duration maximumAge, Duration overlap) {
        Terms {
            if (maximumAge.compareTo(SHORTEST_AGE) < 0 || maximumAge.compareTo(LONGEST_AGE) > 0) {
                throw new IllegalArgumentException("maximum-age must be from 1h to 366d");
            }
            if (overlap.compareTo(LONGEST_OVERLAP) > 0) {
                throw new IllegalArgumentException("overlap must be at most 1d");
            }
        }
    }

    /** Terms for workers with a label. */
    private record ForLabel(String key, String value, Terms terms) {}

    /**
     * What the section says, ready to be asked for each heartbeat.
     *
     * @param usual for workers without an exception
     */
    record Policy(Terms usual, List<ForLabel> exceptions) {
        /** Those for a worker with these labels. */
        Terms terms(Map<String, String> labels) {
            for (ForLabel some : exceptions) {
                if (some.value().equals(labels.get(some.key()))) {
                    return some.terms();
                }
            }
            return usual;
        }

        /** The least maximum age of any worker. */
        Duration shortestAge() {
            return exceptions.stream()
                    .map(some -> some.terms().maximumAge())
                    .reduce(usual.maximumAge(), (some, other) -> some.compareTo(other) <= 0 ? some : other);
        }
    }

    public RotationConfig {
        maximumAge = maximumAge == null ? Duration.ofDays(30) : maximumAge;
        overlap = overlap == null ? Duration.ofMinutes(10) : overlap;
        byLabel = byLabel == null ? List.of() : List.copyOf(byLabel);
        parse(byLabel, new Terms(maximumAge, overlap).overlap());
    }

    Policy policy() {
        return new Policy(new Terms(maximumAge, overlap), parse(byLabel, overlap));
    }

    private static List<ForLabel> parse(List<String> texts, Duration overlap) {
        List<ForLabel> found = new ArrayList<>();
        for (String text : texts) {
            String[] parts = text.split(" *, *", -1);
            String[] label = parts[0].split("=", 2);
            if (parts.length < 2 || parts.length > 3 || label.length < 2) {
                throw notReadable(text);
            }
            Terms terms = new Terms(duration(text, parts[1]), parts.length == 3 ? duration(text, parts[2]) : overlap);
            found.add(new ForLabel(label[0], label[1], terms));
        }
        return found;
    }

    private static Duration duration(String text, String part) {
        return Times.parseDuration(part).orElseThrow(() -> notReadable(text));
    }

    private static IllegalArgumentException notReadable(String text) {
        return new IllegalArgumentException(
                "by-label: write \"KEY=VALUE, AGE\" or \"KEY=VALUE, AGE, OVERLAP\", such as \"zone=dmz, 7d, 5m\", not \""
                        + text + "\"");
    }
}

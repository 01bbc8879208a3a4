package io.lyftdata.api;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The rule for workers' names: a worker's id is its name, lower-cased. */
public final class WorkerName {
    /** The rule in words, for those who broke it. */
    public static final String RULE = "a worker's name is 1 to 64 of the letters a to z, digits, '.' and '-',"
            + " begins and ends with a letter or digit, has no '..', and is no word of the API such as metrics or logs";

    private static final Pattern SHAPE = Pattern.compile("[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?");
    private static final Set<String> ROUTES =
            Set.of("metrics", "logs", "auto-enrollment", "keys", "isolate", "release", "reset", "key", "heartbeat");

    private WorkerName() {}

    /** The id of the name; empty when the name breaks {@link #RULE}. */
    public static Optional<String> toId(String name) {
        if (name == null || !name.chars().allMatch(c -> c < 128)) {
            return Optional.empty();
        }
        String id = name.toLowerCase(Locale.ROOT);
        return SHAPE.matcher(id).matches() && !id.contains("..") && !ROUTES.contains(id)
                ? Optional.of(id)
                : Optional.empty();
    }
}

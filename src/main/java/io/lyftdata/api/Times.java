package io.lyftdata.api;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How times are written: RFC 3339 in UTC with milliseconds, and durations such as {@code 15m} or {@code 2d}. */
public final class Times {
    private static final DateTimeFormatter RFC_3339 =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    private static final Map<String, Duration> UNITS = Map.of(
            "ms", Duration.ofMillis(1),
            "s", Duration.ofSeconds(1),
            "m", Duration.ofMinutes(1),
            "h", Duration.ofHours(1),
            "d", Duration.ofDays(1));

    private Times() {}

    public static String format(Instant time) {
        return RFC_3339.format(time);
    }

    /** In the largest unit that holds it as a whole number, as {@link #parseDuration} reads it; in milliseconds. */
    public static String format(Duration duration) {
        long millis = duration.toMillis();
        return UNITS.entrySet().stream()
                .sorted(Map.Entry.<String, Duration>comparingByValue().reversed())
                .filter(unit -> millis % unit.getValue().toMillis() == 0)
                .map(unit -> millis / unit.getValue().toMillis() + unit.getKey())
                .findFirst()
                .orElseThrow();
    }

    /** Empty when the text is no RFC 3339 time. */
    public static Optional<Instant> parse(String text) {
        try {
            return Optional.of(DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(text, Instant::from));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** Empty when the text is not a whole number and one of {@code ms s m h d}. */
    public static Optional<Duration> parseDuration(String text) {
        Matcher matcher = DURATION.matcher(text);
        return matcher.matches()
                ? Optional.of(UNITS.get(matcher.group(2)).multipliedBy(Long.parseLong(matcher.group(1))))
                : Optional.empty();
    }
}

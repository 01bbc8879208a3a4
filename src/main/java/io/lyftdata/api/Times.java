package io.lyftdata.api;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How times are written: RFC 3339 in UTC with milliseconds, and durations such as {@code 15m} or {@code 2d}. */
public final class Times {
    private static final DateTimeFormatter RFC_3339 =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    /** The form of {@link #format(Instant)}, a 0 for each digit. */
    private static final String OWN_FORM = "0000-00-00T00:00:00.000Z";

    private static final int NANOS_PER_MILLI = 1_000_000;
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
            return Optional.of(
                    isOwnForm(text)
                            ? ofOwnForm(text)
                            : DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(text, Instant::from));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static boolean isOwnForm(String text) {
        boolean fits = text.length() == OWN_FORM.length();
        for (int i = 0; fits && i < OWN_FORM.length(); i++) {
            char c = text.charAt(i);
            fits = OWN_FORM.charAt(i) == '0' ? c >= '0' && c <= '9' : c == OWN_FORM.charAt(i);
        }
        return fits;
    }

    /** As the formatter reads it, which takes longer than all else that is done with a line of a log. */
    private static Instant ofOwnForm(String text) {
        return LocalDateTime.of(
                        number(text, 0, 4),
                        number(text, 5, 7),
                        number(text, 8, 10),
                        number(text, 11, 13),
                        number(text, 14, 16),
                        number(text, 17, 19),
                        number(text, 20, 23) * NANOS_PER_MILLI)
                .toInstant(ZoneOffset.UTC);
    }

    private static int number(String text, int from, int to) {
        return Integer.parseInt(text, from, to, 10);
    }

    /** Empty when the text is not a whole number and one of {@code ms s m h d}. */
    public static Optional<Duration> parseDuration(String text) {
        Matcher matcher = DURATION.matcher(text);
        return matcher.matches()
                ? Optional.of(UNITS.get(matcher.group(2)).multipliedBy(Long.parseLong(matcher.group(1))))
                : Optional.empty();
    }
}

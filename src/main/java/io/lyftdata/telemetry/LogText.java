package io.lyftdata.telemetry;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lyftdata.api.LogLine;
import io.lyftdata.api.Times;
import io.lyftdata.client.Json;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes a line of a file into a {@link LogLine}: bytes that are no UTF-8 become U+FFFD, and time and level are taken
 * from the text (a JSON object's fields, or what stands at the line's beginning) or else are the time of reading and
 * {@code info}.
 */
final class LogText {
    private static final int HEAD = 160;
    private static final int MAX_FIELDS = 64;
    private static final Pattern TIME = Pattern.compile(
            "[\\[\"]?(\\d{4}-\\d\\d-\\d\\d)[T ](\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?)(Z|[+-]\\d\\d:?\\d\\d)(?!\\d).*",
            Pattern.DOTALL);
    private static final Pattern LEVEL =
            Pattern.compile("(?<![A-Za-z0-9_])(?:(?:level|lvl|severity)=\"?([A-Za-z]+)|\\[([a-z]{3,9})\\]|([A-Z]{3,9}))"
                    + "(?![A-Za-z0-9_])");
    private static final Map<String, String> LEVELS = Map.ofEntries(
            Map.entry("trace", "trace"),
            Map.entry("debug", "debug"),
            Map.entry("info", "info"),
            Map.entry("information", "info"),
            Map.entry("notice", "info"),
            Map.entry("warn", "warn"),
            Map.entry("warning", "warn"),
            Map.entry("error", "error"),
            Map.entry("err", "error"),
            Map.entry("severe", "error"),
            Map.entry("fatal", "error"),
            Map.entry("critical", "error"),
            Map.entry("panic", "error"),
            Map.entry("alert", "error"),
            Map.entry("emerg", "error"));
    private static final Set<String> LEVEL_FIELDS = Set.of("level", "severity", "lvl");
    private static final Set<String> TIME_FIELDS = Set.of("time", "timestamp", "ts", "@timestamp");

    private final String source;
    private final Instant now;
    private Instant time;
    private String level;

    private LogText(String source, Instant now) {
        this.source = source;
        this.now = now;
    }

    /**
     * @param bytes the line without its LF; a CR at its end is left out
     * @param truncated whether the caller cut it already
     */
    static LogLine line(String source, byte[] bytes, int length, boolean truncated, Instant now) {
        int end = length > 0 && bytes[length - 1] == '\r' ? length - 1 : length;
        if (truncated) {
            end = wholeCharacters(bytes, end);
        }
        String text = new String(bytes, 0, end, StandardCharsets.UTF_8);
        boolean cut = truncated;
        if (text.length() > OpenFile.MAX_LINE_BYTES / 3) {
            byte[] replaced = text.getBytes(StandardCharsets.UTF_8);
            if (replaced.length > OpenFile.MAX_LINE_BYTES) {
                int most = wholeCharacters(replaced, OpenFile.MAX_LINE_BYTES);
                text = new String(replaced, 0, most, StandardCharsets.UTF_8);
                cut = true;
            }
        }
        return new LogText(source, now).read(text, cut);
    }

    /** The most bytes that do not end within a character. */
    private static int wholeCharacters(byte[] bytes, int end) {
        int start = end;
        while (start > 0 && end - start < 3 && (bytes[start - 1] & 0xC0) == 0x80) {
            start--;
        }
        if (start == 0 || (bytes[start - 1] & 0xC0) != 0xC0) {
            return end;
        }
        int lead = bytes[start - 1] & 0xFF;
        int wanted = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        return end - start + 1 < wanted ? start - 1 : end;
    }

    private LogLine read(String text, boolean cut) {
        if (text.startsWith("{")) {
            readJson(text);
        } else {
            readText(text.length() > HEAD ? text.substring(0, HEAD) : text);
        }
        boolean sane = time != null && time.isAfter(Instant.EPOCH) && time.isBefore(now.plus(Duration.ofDays(1)));
        return new LogLine(
                sane ? time : now, level == null ? "info" : level, source, text, cut ? true : null, null, null);
    }

    private void readText(String head) {
        Matcher stamp = TIME.matcher(head);
        if (stamp.matches()) {
            String zone = stamp.group(3).matches("[+-]\\d{4}")
                    ? stamp.group(3).substring(0, 3) + ":" + stamp.group(3).substring(3)
                    : stamp.group(3);
            time = Times.parse(stamp.group(1) + "T" + stamp.group(2).replace(',', '.') + zone)
                    .orElse(null);
        }
        Matcher word = LEVEL.matcher(head);
        while (level == null && word.find()) {
            String found =
                    word.group(1) != null ? word.group(1) : word.group(2) != null ? word.group(2) : word.group(3);
            level = LEVELS.get(found.toLowerCase(Locale.ROOT));
        }
    }

    private void readJson(String text) {
        try (JsonParser json = Json.MAPPER.getFactory().createParser(text)) {
            json.nextToken();
            for (int i = 0; i < MAX_FIELDS && json.nextToken() == JsonToken.FIELD_NAME; i++) {
                String name = json.currentName().toLowerCase(Locale.ROOT);
                JsonToken value = json.nextToken();
                if (LEVEL_FIELDS.contains(name) && level == null) {
                    level = value == JsonToken.VALUE_NUMBER_INT ? ofNumber(json.getText()) : ofWord(json.getText());
                } else if (TIME_FIELDS.contains(name) && time == null) {
                    time = value.isNumeric()
                            ? ofEpoch(json.getText())
                            : Times.parse(String.valueOf(json.getText())).orElse(null);
                }
                json.skipChildren();
            }
        } catch (IOException e) {
            // No JSON after all, or cut: what was found so far counts.
        }
    }

    private static String ofWord(String word) {
        return word == null ? null : LEVELS.get(word.toLowerCase(Locale.ROOT));
    }

    /** Bunyan's and pino's numbers: 10 is trace, 60 is fatal. */
    private static String ofNumber(String number) {
        String[] names = {"trace", "debug", "info", "warn", "error", "error"};
        return number.matches("[1-6]0") ? names[number.charAt(0) - '1'] : null;
    }

    /** Seconds, or, told by their size, milli-, micro- or nanoseconds since 1970. */
    private static Instant ofEpoch(String number) {
        if (number.length() > 32 || number.matches(".*[eE].*\\d{3}.*")) {
            return null;
        }
        BigDecimal seconds = new BigDecimal(number);
        for (BigDecimal most = BigDecimal.valueOf(100_000_000_000L); seconds.compareTo(most) > 0; ) {
            seconds = seconds.movePointLeft(3);
        }
        return Instant.ofEpochMilli(seconds.movePointRight(3).longValue());
    }
}

package io.lyftdata.terminal;

import io.lyftdata.api.Times;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Facts as aligned text; what could steer a terminal is written as an escape. */
public final class Table<T> {
    /** Control and format characters, line and paragraph separators. */
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\u2028\\u2029]");

    private final Map<String, Function<T, Object>> columns = new LinkedHashMap<>();

    public Table<T> column(String title, Function<T, Object> value) {
        columns.put(title, value);
        return this;
    }

    /** A line of titles and a line for each item. */
    public String rows(List<T> items) {
        Stream<List<String>> body = items.stream()
                .map(item -> columns.values().stream()
                        .map(value -> cell(value.apply(item)))
                        .toList());
        List<String> titles = columns.keySet().stream()
                .map(title -> title.toUpperCase(Locale.ROOT))
                .toList();
        return aligned(Stream.concat(Stream.of(titles), body).toList());
    }

    /** A line for each fact of one item. */
    public String facts(T item) {
        return aligned(columns.entrySet().stream()
                .map(column ->
                        List.of(column.getKey() + ":", cell(column.getValue().apply(item))))
                .toList());
    }

    public static String printable(String text) {
        return UNPRINTABLE
                .matcher(text)
                .replaceAll(
                        match -> String.format("\\\\u%04x", (int) match.group().charAt(0)));
    }

    private static String cell(Object value) {
        if (value instanceof Instant time) {
            return Times.format(time);
        }
        if (value instanceof Map<?, ?> map) {
            return cell(new TreeMap<>(map).entrySet());
        }
        if (value instanceof Collection<?> many) {
            return many.isEmpty() ? "-" : many.stream().map(Table::cell).collect(Collectors.joining(","));
        }
        return value == null ? "-" : printable(value.toString());
    }

    private static String aligned(List<List<String>> lines) {
        int[] widths = new int[lines.isEmpty() ? 0 : lines.get(0).size()];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> line : lines) {
            StringBuilder row = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                row.append(line.get(i))
                        .append(" ".repeat(widths[i] - line.get(i).length() + 2));
            }
            text.append(row.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}

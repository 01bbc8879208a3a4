package io.lyftdata.config;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import io.lyftdata.api.Settings.Entry;
import io.lyftdata.api.Times;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * Settings as they were read.
 *
 * @param settings checked, with their defaults
 * @param file the configuration file; null for the packed one
 * @param sources where each value came from, by key; a key that is not there has its default
 */
public record Loaded<T extends Record>(T settings, String file, Map<String, Source> sources) {
    /** Where a value came from, weakest first. */
    public enum Source {
        DEFAULT,
        FILE,
        VARIABLE,
        FLAG
    }

    private static final PropertyNamingStrategies.KebabCaseStrategy KEYS =
            new PropertyNamingStrategies.KebabCaseStrategy();

    public Loaded {
        sources = Map.copyOf(sources);
    }

    /**
     * Every key with its value, in the order of the record; a section's keys as {@code section.key}.
     *
     * @param name what to write for the secret that stands under the key
     */
    public List<Entry> entries(BiFunction<String, Secret, String> name) {
        List<Entry> entries = new ArrayList<>();
        add(entries, "", settings, name);
        return entries;
    }

    private void add(List<Entry> entries, String section, Record values, BiFunction<String, Secret, String> name) {
        for (RecordComponent component : values.getClass().getRecordComponents()) {
            String key = section + KEYS.translate(component.getName());
            Object value = value(component, values);
            if (value instanceof Record inner && !(value instanceof HostPort)) {
                add(entries, key + ".", inner, name);
            } else {
                Source source = sources.getOrDefault(key, Source.DEFAULT);
                entries.add(new Entry(
                        key,
                        value instanceof Secret secret ? name.apply(key, secret) : plain(value),
                        source.name().toLowerCase(Locale.ROOT)));
            }
        }
    }

    private static Object value(RecordComponent component, Record values) {
        try {
            return component.getAccessor().invoke(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("settings are public records", e);
        }
    }

    /** An item of a list; what it does not say is left out. */
    private static Map<String, Object> plain(Record item) {
        Map<String, Object> members = new LinkedHashMap<>();
        for (RecordComponent component : item.getClass().getRecordComponents()) {
            Object value = value(component, item);
            if (value != null) {
                members.put(KEYS.translate(component.getName()), plain(value));
            }
        }
        return members;
    }

    /** As it would stand in the file. */
    private static Object plain(Object value) {
        if (value instanceof Duration duration) {
            return Times.format(duration);
        }
        if (value instanceof List<?> list) {
            return list.stream().map(Loaded::plain).toList();
        }
        if (value instanceof Record item && !(value instanceof HostPort)) {
            return plain(item);
        }
        boolean isJson = value == null || value instanceof Boolean || value instanceof Number;
        return isJson ? value : value.toString();
    }
}

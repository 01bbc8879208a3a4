package io.lyftdata.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** {@code /api/settings} and the admin task {@code reload-configuration}. */
public final class Settings {
    private Settings() {}

    /**
     * One setting.
     *
     * @param key as in {@code config.yml}; a section's as {@code section.key}
     * @param value as in {@code config.yml}; a secret's fingerprint; null when it is not set
     * @param origin {@code flag}, {@code variable}, {@code file} or {@code default}
     */
    public record Entry(String key, Object value, String origin) {}

    /**
     * A setting that differs between two revisions.
     *
     * @param before null: there was no such setting
     * @param after null: there is none any more
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Change(String key, Value before, Value after) {}

    /** What a setting was or is, and where that came from. */
    public record Value(Object value, String origin) {
        private static Value of(Entry entry) {
            return entry == null ? null : new Value(entry.value(), entry.origin());
        }
    }

    /**
     * What was in force from a time on.
     *
     * @param number 1 for the first
     * @param actor who put it in force: {@code server} at its start, {@code host} by a reload
     * @param file the configuration file; null for the packed one
     * @param changes what differs from the revision before; all of the first one
     * @param settings all of it; null in lists
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Revision(
            long number, Instant time, String actor, String file, List<Change> changes, List<Entry> settings) {}

    /**
     * What a reload did.
     *
     * @param revision that is in force now
     * @param file that was read; null for the packed one
     * @param changes what it put in force; empty when nothing had changed
     * @param needsRestart keys that have another value in their places, which only a restart puts in force
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Reloaded(long revision, String file, List<Change> changes, List<String> needsRestart) {}

    /** What differs, in the order of the later one. */
    public static List<Change> changes(List<Entry> before, List<Entry> after) {
        Map<String, Entry> gone = new LinkedHashMap<>();
        before.forEach(entry -> gone.put(entry.key(), entry));
        List<Change> changes = new ArrayList<>();
        for (Entry entry : after) {
            Entry old = gone.remove(entry.key());
            if (!Objects.equals(old, entry)) {
                changes.add(new Change(entry.key(), Value.of(old), Value.of(entry)));
            }
        }
        gone.values().forEach(entry -> changes.add(new Change(entry.key(), Value.of(entry), null)));
        return changes;
    }
}

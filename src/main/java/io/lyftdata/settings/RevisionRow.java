package io.lyftdata.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lyftdata.api.Settings;
import io.lyftdata.api.Settings.Entry;
import io.lyftdata.api.Settings.Revision;
import java.time.Instant;
import java.util.List;

/**
 * A revision as it is stored.
 *
 * @param file null for the packed one
 * @param settings all of them, as JSON
 */
public record RevisionRow(long number, Instant time, String actor, String file, String settings) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<List<Entry>> ENTRIES = new TypeReference<>() {};

    /** The same settings give the same text. */
    static String json(List<Entry> entries) {
        try {
            return JSON.writeValueAsString(entries);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("settings do not turn into JSON", e);
        }
    }

    List<Entry> entries() {
        try {
            return JSON.readValue(settings, ENTRIES);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("revision " + number + " of the settings is damaged", e);
        }
    }

    /** For a list: what differs from what was in force before. */
    Revision since(List<Entry> before) {
        return new Revision(number, time, actor, file, Settings.changes(before, entries()), null);
    }

    /** The same with all settings. */
    Revision whole(List<Entry> before) {
        return new Revision(number, time, actor, file, Settings.changes(before, entries()), entries());
    }
}

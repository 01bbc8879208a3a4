package io.lyftdata.settings;

import io.lyftdata.api.Settings.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Settings read anew and checked, but not in force yet.
 *
 * @param wanted what their places say now
 * @param possible the same, but what only a start can change is as it was
 * @param apply puts the possible ones in force, and cannot fail
 */
public record Candidate(Snapshot wanted, Snapshot possible, Runnable apply) {

    /** What is in force after {@link #apply}. */
    Snapshot effective() {
        List<Entry> entries = new ArrayList<>(wanted.entries());
        for (int i = 0; i < entries.size(); i++) {
            if (waits(i)) {
                entries.set(i, possible.entries().get(i));
            }
        }
        return new Snapshot(wanted.file(), entries);
    }

    /** Keys whose new value waits for a restart. */
    List<String> needsRestart() {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < wanted.entries().size(); i++) {
            if (waits(i)) {
                keys.add(wanted.entries().get(i).key());
            }
        }
        return keys;
    }

    private boolean waits(int i) {
        return !Objects.equals(
                wanted.entries().get(i).value(), possible.entries().get(i).value());
    }
}

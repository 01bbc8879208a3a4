package io.lyftdata.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a change did, for its record.
 *
 * @param subject what it was done to: a public id or name, never a secret; empty for the server as a whole
 * @param difference what is different now, by field
 * @param outcome {@code done}, {@code replayed}, or the code of the refusal
 * @param count how many alike it stands for, at least 1
 */
public record Event(Action action, String subject, Map<String, Change> difference, String outcome, long count) {
    static final String DONE = "done";
    static final String REPLAYED = "replayed";
    private static final String REDACTED = "[redacted]";

    /**
     * One field's value before and after; null where there is none.
     *
     * @param before text, number, truth value, or a list or map of these
     * @param after the same
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Change(Object before, Object after) {}

    public Event {
        Objects.requireNonNull(subject);
        if (count < 1) {
            throw new IllegalArgumentException("an event happened at least once");
        }
    }

    /** Something that was done. */
    public static Event of(Action action, String subject) {
        return new Event(action, subject, Map.of(), DONE, 1);
    }

    /** The same, done before the database could take its record. */
    Event replayed() {
        return new Event(action, subject, difference, REPLAYED, count);
    }

    /** Refusals of one kind. */
    static Event refused(String subject, String code, long count) {
        return new Event(Action.REFUSED, subject, Map.of(), code, count);
    }

    /** The same with a field that changed. */
    public Event change(String field, Object before, Object after) {
        Map<String, Change> more = new LinkedHashMap<>(difference);
        more.put(field, new Change(before, after));
        return new Event(action, subject, more, outcome, count);
    }

    /** The same with a field that is new. */
    public Event set(String field, Object after) {
        return change(field, null, after);
    }

    /** The same with a secret that is new; its value is not told. */
    public Event redacted(String field) {
        return set(field, REDACTED);
    }
}

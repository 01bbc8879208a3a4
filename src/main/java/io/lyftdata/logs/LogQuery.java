package io.lyftdata.logs;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.Times;
import jakarta.ws.rs.core.MultivaluedMap;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which lines a reader wants: those that meet all of it, in the order of arrival. With a cursor or {@code since} the
 * first {@code limit} of them from there on; without, the newest.
 *
 * @param worker of all workers when empty
 * @param cursor behind this place
 * @param since not earlier
 * @param until not later
 * @param level at least
 * @param limit at most so many
 */
record LogQuery(
        Optional<String> worker,
        Optional<Cursor> cursor,
        Optional<Instant> since,
        Optional<Instant> until,
        Level level,
        int limit) {
    static final int DEFAULT_LIMIT = 1_000;
    static final int MAX_LIMIT = 10_000;
    private static final Set<String> NAMES = Set.of("since", "until", "level", "limit", "cursor");
    /** What the stored form of a time can say. */
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

    /**
     * @param store the store that cursors must be from
     * @throws Refusal when the parameters make no query
     */
    static LogQuery of(MultivaluedMap<String, String> parameters, Optional<String> worker, long store, Instant now) {
        parameters.forEach(LogQuery::requireKnownOnce);
        LogQuery query = new LogQuery(
                worker,
                text(parameters, "cursor").map(text -> Cursor.of(text, store)),
                text(parameters, "since").map(text -> time("since", text, now)),
                text(parameters, "until").map(text -> time("until", text, now)),
                text(parameters, "level").map(LogQuery::level).orElse(Level.TRACE),
                text(parameters, "limit").map(LogQuery::limit).orElse(DEFAULT_LIMIT));
        if (query.since.isPresent()
                && query.until.isPresent()
                && query.since.get().isAfter(query.until.get())) {
            throw refusal("since lies behind until; swap them");
        }
        return query;
    }

    /** Whether every line meets it. */
    boolean takesAll() {
        return since.isEmpty() && until.isEmpty() && level == Level.TRACE;
    }

    private static void requireKnownOnce(String name, List<String> values) {
        if (!NAMES.contains(name)) {
            throw refusal("a parameter is unknown; logs take since, until, level, limit and cursor");
        }
        if (values.size() > 1) {
            throw refusal(name + " is there twice; give it once");
        }
    }

    private static Optional<String> text(MultivaluedMap<String, String> parameters, String name) {
        return Optional.ofNullable(parameters.getFirst(name));
    }

    private static Instant time(String name, String text, Instant now) {
        Instant time = Times.parseDuration(text)
                .map(now::minus)
                .or(() -> Times.parse(text))
                .orElseThrow(() -> refusal(name + " is no time; write 2026-11-23T12:00:00Z, or 15m for that long ago"));
        return time.isBefore(Instant.EPOCH) ? Instant.EPOCH : time.isAfter(LATEST) ? LATEST : time;
    }

    private static Level level(String text) {
        return Level.of(text).orElseThrow(() -> refusal("level is one of trace, debug, info, warn and error"));
    }

    private static int limit(String text) {
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= MAX_LIMIT) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // The same sentence as for a number out of range.
        }
        throw refusal("limit is a whole number from 1 to " + MAX_LIMIT);
    }

    private static Refusal refusal(String sentence) {
        return new Refusal(Code.UNPROCESSABLE, sentence);
    }
}

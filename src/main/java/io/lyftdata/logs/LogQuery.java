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
 * Which lines a reader wants: those that meet all of it. With a cursor or {@code since} the first {@code limit} of them
 * from there on; without, the newest.
 *
 * @param worker of all workers when empty
 * @param cursor behind this place
 * @param since not earlier
 * @param until not later
 * @param level at least
 * @param limit at most so many
 * @param byTime in the order of their times, not of arrival
 */
record LogQuery(
        Optional<String> worker,
        Optional<Cursor> cursor,
        Optional<Instant> since,
        Optional<Instant> until,
        Level level,
        int limit,
        boolean byTime) {
    static final int DEFAULT_LIMIT = 1_000;
    static final int MAX_LIMIT = 10_000;
    private static final Set<String> NAMES = Set.of("since", "until", "level", "limit", "cursor", "order");
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
                text(parameters, "limit").map(LogQuery::limit).orElse(DEFAULT_LIMIT),
                text(parameters, "order").map(LogQuery::isByTime).orElse(false));
        if (query.since.isPresent()
                && query.until.isPresent()
                && query.since.get().isAfter(query.until.get())) {
            throw refusal("since lies behind until; swap them");
        }
        query.requireOneOrder();
        return query;
    }

    private void requireOneOrder() {
        if (cursor.filter(place -> place.time().isPresent() != byTime).isPresent()) {
            throw refusal("the cursor is from the other order; go on with the order it came from");
        }
        if (byTime && cursor.isEmpty() && since.isEmpty()) {
            throw refusal("order=time needs since or cursor, such as since=15m");
        }
    }

    /** The time that no line may lie before: {@code since}, or that of the cursor's line if it is later. */
    Instant begin() {
        Instant wanted = since.orElse(Instant.EPOCH);
        return cursor.flatMap(Cursor::time)
                .map(Instant::ofEpochMilli)
                .filter(wanted::isBefore)
                .orElse(wanted);
    }

    /** The time that no line may lie behind, epoch milliseconds. */
    long end() {
        return until.map(Instant::toEpochMilli).orElse(Long.MAX_VALUE);
    }

    /** Whether every line meets it. */
    boolean takesAll() {
        return since.isEmpty() && until.isEmpty() && level == Level.TRACE;
    }

    private static void requireKnownOnce(String name, List<String> values) {
        if (!NAMES.contains(name)) {
            throw refusal("a parameter is unknown; logs take since, until, level, limit, cursor and order");
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

    private static boolean isByTime(String text) {
        return switch (text) {
            case "time" -> true;
            case "arrival" -> false;
            default -> throw refusal("order is arrival or time");
        };
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

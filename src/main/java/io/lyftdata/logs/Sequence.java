package io.lyftdata.logs;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * The number of a chunk: its time of arrival in epoch milliseconds and a count within that millisecond. Numbers only
 * grow, also over restarts, lost files and a clock that goes back, so a number tells its day's file and never names two
 * chunks.
 */
final class Sequence {
    private static final int COUNT_BITS = 12;

    private Sequence() {}

    static long first(long epochMillis) {
        return epochMillis << COUNT_BITS;
    }

    static long first(LocalDate day) {
        return first(day.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli());
    }

    static LocalDate day(long sequence) {
        return LocalDate.ofInstant(Instant.ofEpochMilli(sequence >> COUNT_BITS), ZoneOffset.UTC);
    }

    /** The first of so many numbers in a row that lie behind the last one and all on one day. */
    static long next(long last, long epochMillis, int count) {
        long first = Math.max(last + 1, first(epochMillis));
        LocalDate lastDay = day(first + count);
        return day(first).equals(lastDay) ? first : first(lastDay);
    }
}

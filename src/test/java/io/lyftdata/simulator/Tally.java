package io.lyftdata.simulator;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** What became of the calls since it began. Safe for use by many threads. */
final class Tally {
    private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(10);

    private final long since = System.nanoTime();
    private final Map<Call, Histogram> good = new EnumMap<>(Call.class);
    /** By call and what went wrong. */
    private final Map<String, Long> bad = new TreeMap<>();

    /** A call was answered with 2xx. */
    synchronized void good(Call call, long nanos) {
        good.computeIfAbsent(call, any -> new Histogram(LONGEST_MICROS, 3))
                .recordValue(Math.min(LONGEST_MICROS, TimeUnit.NANOSECONDS.toMicros(nanos)));
    }

    /** A call was refused, or its connection lost. */
    synchronized void bad(Call call, String what) {
        bad.merge(call + " " + what, 1L, Long::sum);
    }

    synchronized long count(Call call) {
        return good.containsKey(call) ? good.get(call).getTotalCount() : 0;
    }

    /** How often something went wrong. */
    synchronized long failures() {
        return bad.values().stream().mapToLong(Long::longValue).sum();
    }

    double seconds() {
        return (System.nanoTime() - since) / 1e9;
    }

    /** Good answers a second. */
    double rate(Call call) {
        return count(call) / seconds();
    }

    /** One line a call, then one a kind of failure. */
    synchronized List<String> lines() {
        List<String> lines = new ArrayList<>();
        double seconds = seconds();
        lines.add(String.format(
                "  %-10s %9s %8s %9s %9s %9s %9s", "call", "answered", "1/s", "p50 ms", "p99 ms", "p99.9", "max"));
        good.forEach((call, times) -> lines.add(String.format(
                "  %-10s %9d %8.0f %9.1f %9.1f %9.1f %9.1f",
                call,
                times.getTotalCount(),
                times.getTotalCount() / seconds,
                times.getValueAtPercentile(50) / 1e3,
                times.getValueAtPercentile(99) / 1e3,
                times.getValueAtPercentile(99.9) / 1e3,
                times.getMaxValue() / 1e3)));
        bad.forEach((what, count) -> lines.add("  failed: " + count + " × " + what));
        return lines;
    }
}

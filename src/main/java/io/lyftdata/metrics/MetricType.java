package io.lyftdata.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The types of Prometheus' text format 0.0.4, and the suffixes under which their samples go besides the bare name. */
enum MetricType {
    COUNTER,
    GAUGE,
    HISTOGRAM,
    SUMMARY,
    UNTYPED;

    List<String> suffixes() {
        return switch (this) {
            case HISTOGRAM -> List.of("_bucket", "_sum", "_count");
            case SUMMARY -> List.of("_sum", "_count");
            default -> List.of();
        };
    }

    /** Every name that a family of this type lays claim to. */
    List<String> claims(String family) {
        return Stream.concat(Stream.of(family), suffixes().stream().map(family::concat))
                .toList();
    }

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<MetricType> of(String text) {
        return Arrays.stream(values()).filter(type -> type.text().equals(text)).findFirst();
    }
}

package io.lyftdata.logs;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How serious a line is, least first. No two begin with the same letter, which the stored form relies on. */
enum Level {
    TRACE(0),
    DEBUG(1),
    INFO(2),
    WARN(3),
    ERROR(4);

    private static final Level[] ALL = values();

    private final int rank;

    Level(int rank) {
        this.rank = rank;
    }

    /** As it is stored. */
    int rank() {
        return rank;
    }

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Level> of(String text) {
        return Arrays.stream(ALL).filter(level -> level.text().equals(text)).findFirst();
    }

    static Level ofInitial(byte initial) {
        return switch (initial) {
            case 't' -> TRACE;
            case 'd' -> DEBUG;
            case 'w' -> WARN;
            case 'e' -> ERROR;
            default -> INFO;
        };
    }
}

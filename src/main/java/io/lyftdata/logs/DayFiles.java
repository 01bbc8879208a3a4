package io.lyftdata.logs;

import io.lyftdata.db.SqliteFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The directory of the days' files, {@code logs-2026-11-23.db}; safe for use by many threads. */
final class DayFiles {
    private static final Logger LOG = LoggerFactory.getLogger(DayFiles.class);
    private static final String PREFIX = "logs-";
    private static final String SUFFIX = ".db";

    private final Path directory;

    DayFiles(Path directory) {
        this.directory = directory;
    }

    Path of(LocalDate day) {
        return directory.resolve(PREFIX + day + SUFFIX);
    }

    /** The days that have a file now. */
    NavigableSet<LocalDate> days() {
        NavigableSet<LocalDate> days = new TreeSet<>();
        try (Stream<Path> files = Files.list(directory)) {
            files.forEach(file -> day(file.getFileName().toString()).ifPresent(days::add));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return days;
    }

    private static Optional<LocalDate> day(String name) {
        if (!name.startsWith(PREFIX) || !name.endsWith(SUFFIX)) {
            return Optional.empty();
        }
        try {
            return Optional.of(LocalDate.parse(name.substring(PREFIX.length(), name.length() - SUFFIX.length())));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** What all that is in the directory takes on disk. */
    long bytes() {
        try (Stream<Path> all = Files.list(directory)) {
            return all.mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A damaged file makes room for a new one, and stays for those who want to rescue lines from it. */
    void putAside(LocalDate day) {
        Path file = of(day);
        Path aside = directory.resolve(file.getFileName() + ".damaged");
        try {
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            SqliteFile.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        LOG.warn("{} is damaged: it is now {}, and its lines are not shown", file, aside);
    }

    void delete(LocalDate day) {
        try {
            SqliteFile.delete(of(day));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

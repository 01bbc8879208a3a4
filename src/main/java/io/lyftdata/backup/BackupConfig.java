package io.lyftdata.backup;

import io.lyftdata.archive.Envelope;
import io.lyftdata.config.BadSetting;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalTime;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The section {@code backup}.
 *
 * @param recipients age X25519 public keys; without one no backup is made
 * @param directory where backups lie; null: {@code backups} in the staging directory
 * @param schedule time of day in UTC at which one is made, as in 02:30; null: none by itself
 * @param copies directories that each backup is copied to
 * @param provenWithin how old the last proven backup may be before health says so
 * @param telemetry whether each holds the workers' logs and metrics too
 */
public record BackupConfig(
        List<String> recipients,
        String directory,
        String schedule,
        Integer keepDaily,
        Integer keepWeekly,
        Integer keepMonthly,
        List<String> copies,
        Duration provenWithin,
        Boolean telemetry) {
    private static final int MOST_KEPT = 1000;

    public BackupConfig {
        recipients = recipients == null ? List.of() : List.copyOf(recipients);
        copies = copies == null ? List.of() : List.copyOf(copies);
        keepDaily = keepDaily == null ? 7 : keepDaily;
        keepWeekly = keepWeekly == null ? 4 : keepWeekly;
        keepMonthly = keepMonthly == null ? 12 : keepMonthly;
        provenWithin = provenWithin == null ? Duration.ofDays(35) : provenWithin;
        telemetry = telemetry != null && telemetry;
        checkRecipients(recipients);
        checkDirectories(directory, copies);
        checkSchedule(schedule, recipients);
        check(keepDaily, "keep-daily");
        check(keepWeekly, "keep-weekly");
        check(keepMonthly, "keep-monthly");
        if (provenWithin.compareTo(Duration.ofDays(1)) < 0) {
            throw new IllegalArgumentException("backup.proven-within: write a duration of at least 1d");
        }
    }

    private static void checkRecipients(List<String> recipients) {
        try {
            recipients.forEach(Envelope::checkRecipient);
        } catch (BadSetting e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static void checkDirectories(String directory, List<String> copies) {
        if (directory != null && !isAbsolute(directory)) {
            throw new IllegalArgumentException("backup.directory: write an absolute path");
        }
        if (!copies.stream().allMatch(BackupConfig::isAbsolute)) {
            throw new IllegalArgumentException("backup.copies: write absolute paths of directories");
        }
    }

    private static boolean isAbsolute(String path) {
        try {
            return Path.of(path).isAbsolute();
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static void checkSchedule(String schedule, List<String> recipients) {
        try {
            time(schedule);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("backup.schedule: write a time of day in UTC, as in \"02:30\"", e);
        }
        if (schedule != null && recipients.isEmpty()) {
            throw new IllegalArgumentException(
                    "backup.schedule needs a recipient: put an age public key under" + " backup.recipients");
        }
    }

    private static void check(int kept, String key) {
        if (kept < 0 || kept > MOST_KEPT) {
            throw new IllegalArgumentException("backup." + key + ": write a number from 0 to " + MOST_KEPT);
        }
    }

    private static Optional<LocalTime> time(String text) {
        return Optional.ofNullable(text).map(LocalTime::parse);
    }

    /** Where backups lie. */
    Path place(Path staging) {
        return directory == null ? staging.resolve("backups") : Path.of(directory);
    }

    /** The directories of backups and copies, without those in the staging directory; some may be missing. */
    public List<Path> outside(Path staging) {
        Path inside = staging.toAbsolutePath().normalize();
        return places(staging)
                .map(place -> place.toAbsolutePath().normalize())
                .filter(place -> !place.startsWith(inside))
                .distinct()
                .toList();
    }

    /** The one that backups lie in comes first. */
    Stream<Path> places(Path staging) {
        return Stream.concat(Stream.of(place(staging)), copies.stream().map(Path::of));
    }

    /** Empty: none is made by itself. */
    Optional<LocalTime> time() {
        return time(schedule);
    }
}

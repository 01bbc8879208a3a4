package io.lyftdata.backup;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.IsoFields;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Which backups stay: the newest of each of the last days, weeks (ISO 8601) and months that have one, in UTC. */
record Retention(int daily, int weekly, int monthly) {
    static Retention of(BackupConfig config) {
        return new Retention(config.keepDaily(), config.keepWeekly(), config.keepMonthly());
    }

    /**
     * Those of the names that stay; the newest always does.
     *
     * @param names newest first
     */
    Set<String> kept(List<String> names) {
        Set<String> kept = new HashSet<>(names.subList(0, Math.min(1, names.size())));
        keep(names, daily, LocalDate::toString, kept);
        keep(
                names,
                weekly,
                day -> day.get(IsoFields.WEEK_BASED_YEAR) + "W" + day.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR),
                kept);
        keep(names, monthly, day -> day.getYear() + "-" + day.getMonthValue(), kept);
        return kept;
    }

    private static void keep(List<String> names, int most, Function<LocalDate, String> period, Set<String> kept) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            String here = period.apply(day(BackupFiles.time(name)));
            if (seen.size() < most && seen.add(here)) {
                kept.add(name);
            }
        }
    }

    private static LocalDate day(Instant time) {
        return time.atOffset(ZoneOffset.UTC).toLocalDate();
    }
}

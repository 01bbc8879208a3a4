package io.lyftdata.posture;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * A finding that somebody answers for, until a day.
 *
 * @param check the id of the check
 * @param subject of the finding, as the report names it; null: all of the check's findings
 * @param reason why it is borne, 1 to 200 characters
 * @param until the last day (UTC) on which it counts, as in {@code 2027-01-31}
 */
public record Waiver(String check, String subject, String reason, String until) {
    private static final int LONGEST_REASON = 200;

    public Waiver {
        if (check == null || check.isBlank()) {
            throw new IllegalArgumentException("a waiver needs the id of its check, as lyftdata posture names it");
        }
        if (reason == null || reason.isBlank() || reason.length() > LONGEST_REASON) {
            throw new IllegalArgumentException("the waiver of " + check + " needs a reason of 1 to " + LONGEST_REASON
                    + " characters: who bears this, and why");
        }
        if (!isDay(until)) {
            throw new IllegalArgumentException(
                    "the waiver of " + check + " needs until, its last day, as in 2027-01-31");
        }
    }

    private static boolean isDay(String text) {
        try {
            return text != null && text.equals(LocalDate.parse(text).toString());
        } catch (DateTimeException e) {
            return false;
        }
    }

    LocalDate lastDay() {
        return LocalDate.parse(until);
    }

    boolean hasExpired(Instant now) {
        return lastDay().isBefore(LocalDate.ofInstant(now, ZoneOffset.UTC));
    }

    boolean covers(String id, Finding finding) {
        return check.equals(id) && (subject == null || subject.equals(finding.subject()));
    }
}

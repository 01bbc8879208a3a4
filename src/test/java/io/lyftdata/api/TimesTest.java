package io.lyftdata.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimesTest {
    /** What the JDK makes of it. */
    private static Optional<Instant> plainly(String text) {
        try {
            return Optional.of(DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(text, Instant::from));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    @Test
    void readsItsOwnFormAsTheFormatterDoes() {
        Random random = new Random(11);
        for (int round = 0; round < 20_000; round++) {
            Instant time = Instant.ofEpochMilli(random.nextLong(-60_000_000_000_000L, 250_000_000_000_000L));
            String text = Times.format(time);
            assertThat(Times.parse(text)).contains(time);
            int at = random.nextInt(text.length());
            String changed = text.substring(0, at)
                    + "0123456789:-TZ+. z".charAt(random.nextInt(18))
                    + text.substring(at + random.nextInt(2));
            assertThat(Times.parse(changed)).as(changed).isEqualTo(plainly(changed));
        }
    }

    @Test
    void takesWhatRfc3339AllowsAndNoMore() {
        assertThat(Times.parse("2026-11-27T17:00:00.5+01:00")).contains(Instant.parse("2026-11-27T16:00:00.5Z"));
        assertThat(Times.parse("2024-02-29T00:00:00.000Z")).isPresent();
        assertThat(Times.parse("2026-02-29T00:00:00.000Z")).isEmpty();
        assertThat(Times.parse("2026-11-27T24:00:00.000Z")).isEmpty();
        assertThat(Times.parse("2026-11-27 17:00")).isEmpty();
        assertThat(Times.parse("")).isEmpty();
    }
}

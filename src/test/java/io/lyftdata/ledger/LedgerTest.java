package io.lyftdata.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.config.BadSetting;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.testing.MovableClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
    private static final String INSTALLATION = "0".repeat(32);
    private static final Change ISOLATED = new Change(Topic.WORKER, "a", "isolated", Map.of("reason", "stolen"));
    private static final Change RELEASED = new Change(Topic.WORKER, "a", "released");

    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock();
    private Path file;
    private SigningKey key;

    @BeforeEach
    void setUp() throws IOException {
        file = directory.resolve("ledger");
        key = SigningKey.open(directory.resolve("signing.key"));
    }

    private Ledger open() throws IOException {
        return open(Optional.empty());
    }

    private Ledger open(Optional<Position> known) throws IOException {
        return Ledger.open(file, INSTALLATION, key, clock, known);
    }

    private void assertRefused(Optional<Position> known, String why) {
        assertThatThrownBy(() -> open(known))
                .isInstanceOf(BadSetting.class)
                .hasMessageStartingWith(file + " " + why)
                .hasMessageContaining("; put the intact file back, or start once with --accept-ledger-loss");
    }

    @Test
    void theLastEntryCountsAlsoAfterARestart() throws IOException {
        Position last;
        try (Ledger ledger = open()) {
            assertThat(ledger.append(ISOLATED).sequence()).isEqualTo(1);
            clock.advance(Duration.ofMillis(7));
            assertThat(ledger.says(Topic.WORKER, "a", "isolated")).isTrue();
            last = ledger.append(List.of(RELEASED, new Change(Topic.LOCKDOWN, Change.ALL, "on")));
            assertThat(ledger.position()).isEqualTo(last);
        }
        try (Ledger ledger = open(Optional.of(last))) {
            assertThat(ledger.position()).isEqualTo(last);
            assertThat(ledger.last(Topic.WORKER, "a")).contains(new Entry(2, clock.instant(), RELEASED));
            assertThat(ledger.says(Topic.LOCKDOWN, Change.ALL, "on")).isTrue();
            assertThat(ledger.last(Topic.WORKER, "b")).isEmpty();
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void keepsWhateverTextAFactHolds() throws IOException {
        Change odd = new Change(
                Topic.WORKER, "ä\"\\", "isolated", Map.of("reason", "a\n\r\u2028\u0000\ud83d\ude00\"},\"hash\":\""));
        try (Ledger ledger = open()) {
            ledger.append(odd);
        }
        try (Ledger ledger = open()) {
            assertThat(ledger.last(Topic.WORKER, "ä\"\\").orElseThrow().change())
                    .isEqualTo(odd);
        }
        assertThat(Files.readAllLines(file, StandardCharsets.US_ASCII)).hasSize(2);
    }

    @Test
    void refusesEveryChangedByteBeforeTheLastLineEnd() throws IOException {
        try (Ledger ledger = open()) {
            ledger.append(List.of(ISOLATED, RELEASED, ISOLATED));
        }
        byte[] intact = Files.readAllBytes(file);
        int begin = new String(intact, StandardCharsets.US_ASCII).indexOf('\n') + 1;
        for (int at = begin; at < intact.length - 1; at++) {
            byte[] damaged = intact.clone();
            damaged[at] ^= (byte) (1 << (at % 8));
            Files.write(file, damaged);
            assertRefused(Optional.empty(), "was changed or is damaged at line ");
        }
    }

    @Test
    void refusesLinesLeftOutRepeatedOrSwapped() throws IOException {
        try (Ledger ledger = open()) {
            ledger.append(List.of(ISOLATED, RELEASED, ISOLATED));
        }
        List<String> lines = Files.readAllLines(file);
        for (int[] order : new int[][] {{0, 2, 3}, {0, 1, 3}, {0, 1, 1, 2, 3}, {0, 2, 1, 3}, {0, 0, 1, 2, 3}}) {
            write(Arrays.stream(order).mapToObj(lines::get).toList());
            assertRefused(Optional.empty(), "was changed or is damaged at line ");
        }
        write(lines.subList(1, 4));
        assertRefused(Optional.empty(), "does not begin with a checkpoint that signing.key has signed");
        write(List.of());
        assertRefused(Optional.empty(), "is empty");
    }

    private void write(List<String> lines) throws IOException {
        Files.writeString(file, String.join("\n", lines) + (lines.isEmpty() ? "" : "\n"));
    }

    @Test
    void refusesAFileThatTheDatabaseHasOutrun() throws IOException {
        Position known;
        byte[] early;
        try (Ledger ledger = open()) {
            ledger.append(ISOLATED);
            early = Files.readAllBytes(file);
            known = ledger.append(RELEASED);
        }
        Files.write(file, early);
        assertRefused(Optional.of(known), "ends at entry 1, but the database knows of entry 2");
        try (Ledger ledger = open()) {
            ledger.append(List.of(ISOLATED, ISOLATED));
        }
        assertRefused(Optional.of(known), "is not the one that this database knows");
        Files.delete(file);
        assertRefused(Optional.of(known), "is missing");
        assertThat(file).doesNotExist();
    }

    @Test
    void refusesAnotherInstallationsFileAndAForgedCheckpoint() throws IOException {
        Ledger.open(file, "1".repeat(32), key, clock, Optional.empty()).close();
        assertRefused(Optional.empty(), "belongs to another installation");
        Files.delete(file);
        Ledger.open(file, INSTALLATION, SigningKey.open(directory.resolve("other.key")), clock, Optional.empty())
                .close();
        assertRefused(Optional.empty(), "does not begin with a checkpoint that signing.key has signed");
    }

    @Test
    void refusesACompactedFileWithAnyCarriedLineChangedOrGone() throws IOException {
        try (Ledger ledger = open()) {
            ledger.append(List.of(ISOLATED, RELEASED, ISOLATED, RELEASED, ISOLATED));
            ledger.append(new Change(Topic.API_KEY, "k", "revoked"));
        }
        open().close();
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(3);
        write(lines.subList(0, 2));
        assertRefused(Optional.empty(), "is cut off behind line 2");
        write(List.of(lines.get(0), lines.get(2), lines.get(1)));
        assertRefused(Optional.empty(), "was changed or is damaged at line 3");
        write(List.of(lines.get(0).replace("\"sequence\":6", "\"sequence\":5"), lines.get(1), lines.get(2)));
        assertRefused(Optional.empty(), "does not begin with a checkpoint that signing.key has signed");
        write(lines);
        open().close();
    }

    @Test
    void takesNothingMoreAfterAFailedWrite() throws IOException {
        AtomicInteger failures = new AtomicInteger();
        Ledger ledger = open();
        ledger.whenFailed(failures::incrementAndGet);
        ledger.append(ISOLATED);
        ledger.close();
        assertThatThrownBy(() -> ledger.append(RELEASED)).isInstanceOf(LedgerFailure.class);
        assertThat(ledger.says(Topic.WORKER, "a", "isolated")).isTrue();
        assertThatThrownBy(() -> ledger.append(RELEASED)).isInstanceOf(LedgerFailure.class);
        assertThat(failures).hasValue(1);
    }

    @Test
    void beginsAnEpochAboveAllThatWasLostWhenTheLossIsAccepted() throws IOException {
        Position known;
        try (Ledger ledger = open()) {
            known = ledger.append(ISOLATED);
            ledger.append(RELEASED);
        }
        Files.writeString(file, "damaged");
        long epoch;
        try (Ledger ledger = Ledger.openOrAcceptLoss(file, INSTALLATION, key, clock, Optional.of(known))) {
            epoch = ledger.last(Topic.EPOCH, Change.ALL).orElseThrow().sequence();
            assertThat(epoch).isGreaterThan(100_000);
            assertThat(ledger.says(Topic.SESSION, Change.ALL, "cut-off")).isTrue();
            assertThat(ledger.says(Topic.TOKEN, Change.ALL, "revoked")).isTrue();
            assertThat(ledger.says(Topic.ENROLLMENT, Change.ALL, "off")).isTrue();
            assertThat(ledger.last(Topic.WORKER, "a")).isEmpty();
        }
        try (Ledger ledger = Ledger.openOrAcceptLoss(file, INSTALLATION, key, clock, Optional.of(known))) {
            assertThat(ledger.last(Topic.EPOCH, Change.ALL).orElseThrow().sequence())
                    .isEqualTo(epoch);
        }
        assertThat(directory.resolve("ledger.refused-" + clock.instant().getEpochSecond()))
                .hasContent("damaged");
    }

    @Test
    void aPermissionNeverOvertakesARestriction() throws IOException {
        try (Ledger ledger = open()) {
            ledger.append(ISOLATED);
            Optional<Entry> seen = ledger.last(Topic.WORKER, "a");
            ledger.append(ISOLATED);
            assertThat(ledger.appendAfter(List.of(seen), List.of(RELEASED))).isFalse();
            assertThat(ledger.says(Topic.WORKER, "a", "isolated")).isTrue();
            assertThat(ledger.appendAfter(List.of(ledger.last(Topic.WORKER, "a")), List.of(RELEASED)))
                    .isTrue();
            assertThat(ledger.says(Topic.WORKER, "a", "released")).isTrue();
        }
    }

    @Test
    void passesOverWhatALaterVersionEntered() throws IOException {
        String later;
        try (Ledger ledger = open()) {
            ledger.append(ISOLATED);
            later = Line.after(ledger.position(), new Entry(2, clock.instant(), RELEASED))
                    .text();
        }
        String body = Sealed.parse(later, "hash").orElseThrow().body().replace("\"worker\"", "\"later\"");
        String line = new Sealed(body, Digests.sha256Hex(body)).text("hash");
        Files.writeString(file, line + "\n", StandardOpenOption.APPEND);
        try (Ledger ledger = open()) {
            assertThat(ledger.position().sequence()).isEqualTo(2);
            assertThat(ledger.says(Topic.WORKER, "a", "isolated")).isTrue();
            ledger.append(List.of(RELEASED, ISOLATED, RELEASED, ISOLATED));
        }
        open().close();
        assertThat(Files.readAllLines(file)).hasSize(3).contains(line);
    }

    @Test
    void refusesAWordThatItsTopicDoesNotHave() {
        assertThatThrownBy(() -> new Change(Topic.API_KEY, "k", "isolated"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void takesAWholeFleetsKeysAtOnce() throws IOException {
        List<Change> keys = IntStream.range(0, 100_000)
                .mapToObj(number -> new Change(Topic.API_KEY, "%032x".formatted(number), "revoked"))
                .toList();
        long begin = System.nanoTime();
        try (Ledger ledger = open()) {
            ledger.append(keys);
        }
        long entered = System.nanoTime();
        try (Ledger ledger = open()) {
            long opened = System.nanoTime();
            assertThat(ledger.all(Topic.API_KEY)).hasSize(100_000);
            assertThat(Duration.ofNanos(entered - begin)).isLessThan(Duration.ofSeconds(20));
            assertThat(Duration.ofNanos(opened - entered)).isLessThan(Duration.ofSeconds(20));
        }
    }
}

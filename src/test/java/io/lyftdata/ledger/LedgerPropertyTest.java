package io.lyftdata.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.crypto.SigningKey;
import io.lyftdata.testing.MovableClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is entered, wherever a crash cuts and however often it is compacted: what was told to be done counts. */
class LedgerPropertyTest {
    private static final String INSTALLATION = "f".repeat(32);
    private static final List<Change> CHANGES = List.of(
            new Change(Topic.WORKER, "a", "isolated", Map.of("reason", "\u00fc, \u2028")),
            new Change(Topic.WORKER, "a", "released"),
            new Change(Topic.WORKER, "b", "removed"),
            new Change(Topic.WORKER, "b", "readmitted"),
            new Change(Topic.API_KEY, "a", "revoked"),
            new Change(Topic.TOKEN, "a", "revoked"),
            new Change(Topic.ENROLLMENT, Change.ALL, "off"),
            new Change(Topic.ENROLLMENT, Change.ALL, "on"));

    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock();

    /** What must be found, by topic and subject. */
    private final Map<String, Entry> model = new HashMap<>();

    private Optional<Position> known = Optional.empty();

    private Ledger open(Path file) throws IOException {
        return Ledger.open(file, INSTALLATION, SigningKey.open(directory.resolve("signing.key")), clock, known);
    }

    private static String place(Change change) {
        return change.topic() + " " + change.subject();
    }

    private static Map<String, Entry> saidBy(Ledger ledger) {
        Map<String, Entry> said = new HashMap<>();
        for (Topic topic : Topic.values()) {
            ledger.all(topic).forEach(entry -> said.put(place(entry.change()), entry));
        }
        return said;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void losesNothingThatWasDone(long seed) throws IOException {
        Random random = new Random(seed);
        Path file = directory.resolve("ledger");
        long sequence = 0;
        for (int round = 0; round < 40; round++) {
            try (Ledger ledger = open(file)) {
                assertThat(saidBy(ledger)).isEqualTo(model);
                assertThat(ledger.position().sequence()).isEqualTo(sequence);
                List<Change> batch = new ArrayList<>();
                for (int i = random.nextInt(9); i >= 0; i--) {
                    batch.add(CHANGES.get(random.nextInt(CHANGES.size())));
                    Change added = batch.get(batch.size() - 1);
                    model.put(place(added), new Entry(++sequence, clock.instant(), added));
                }
                known = Optional.of(ledger.append(batch));
            }
        }
        crash(file, CHANGES.get(random.nextInt(CHANGES.size())));
        assertThat(Files.readAllLines(file).size()).isLessThan(40);
    }

    /** Cuts the write of one more entry behind each of its bytes. */
    private void crash(Path file, Change last) throws IOException {
        Path copy = directory.resolve("copy");
        Files.copy(file, copy);
        long whole = Files.size(copy);
        Map<String, Entry> after = new HashMap<>(model);
        try (Ledger ledger = Ledger.open(
                copy, INSTALLATION, SigningKey.open(directory.resolve("signing.key")), clock, Optional.empty())) {
            whole = Files.size(copy);
            ledger.append(last);
            after = saidBy(ledger);
        }
        byte[] written = Files.readAllBytes(copy);
        for (int cut = (int) whole; cut <= written.length; cut++) {
            Files.write(copy, Arrays.copyOf(written, cut));
            try (Ledger ledger = open(copy)) {
                assertThat(saidBy(ledger)).as("cut at %d", cut).isEqualTo(cut < written.length ? model : after);
            }
        }
        Files.delete(copy);
    }
}

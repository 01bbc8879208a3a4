package io.lyftdata.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.lyftdata.client.Json;
import io.lyftdata.testing.MovableClock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogShipperTest {
    @TempDir
    private Path directory;

    private final MovableClock clock = new MovableClock();
    private final OwnLog ownLog = new OwnLog();
    private final Map<String, List<JsonNode>> received = new LinkedHashMap<>();
    private Path log;
    private long spoolBytes = Spool.DEFAULT_BYTES;
    private LogShipper shipper;

    @BeforeEach
    void start() throws IOException {
        log = directory.resolve("app.log");
        shipper = open();
    }

    @AfterEach
    void stop() {
        shipper.close();
        ownLog.close();
    }

    private LogShipper open() throws IOException {
        return new LogShipper(new Spool(directory.resolve("spool"), spoolBytes), List.of(log), ownLog, clock);
    }

    private void crash() throws IOException {
        shipper.close();
        shipper = open();
    }

    private void write(String text) throws IOException {
        Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void take(String id, byte[] gzip) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
            byte[] plain = in.readAllBytes();
            assertThat(plain.length).isLessThanOrEqualTo(1 << 20);
            List<JsonNode> lines = new ArrayList<>();
            for (String line : new String(plain, StandardCharsets.UTF_8).lines().toList()) {
                lines.add(Json.MAPPER.readTree(line));
            }
            assertThat(lines).hasSizeLessThanOrEqualTo(5000);
            received.putIfAbsent(id, lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void pollAndShip() {
        while (shipper.poll()) {
            ship();
        }
        ship();
    }

    private void ship() {
        boolean more = true;
        while (more) {
            more = shipper.ship(this::take);
        }
    }

    private List<JsonNode> lines() {
        return received.values().stream().flatMap(List::stream).toList();
    }

    private List<String> messages() {
        return lines().stream().map(line -> line.get("message").textValue()).toList();
    }

    private List<Path> spooled(String ending) throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("spool"))) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void shipsLinesOnceThroughCrashesAndALostAnswer() throws IOException {
        write("one\r\ntwo\nhal");
        shipper.poll();
        crash();
        assertThatThrownBy(() -> shipper.ship((id, body) -> {
                    take(id, body);
                    throw new IllegalStateException("the answer was lost");
                }))
                .isInstanceOf(IllegalStateException.class);
        crash();
        write("f\n");
        pollAndShip();
        crash();
        pollAndShip();
        assertThat(messages()).containsExactly("one", "two", "half");
        assertThat(received).hasSize(2);
        assertThat(received.keySet()).allMatch(id -> id.matches("[0-9a-f]{32}"));
        assertThat(lines().get(0).get("source").textValue()).isEqualTo(log.toString());
    }

    @Test
    void followsAFileThatComesLaterAndLeavesWhatWasRotatedBefore() throws IOException {
        Files.writeString(directory.resolve("app.log.1"), "history\n");
        pollAndShip();
        crash();
        write("first\n");
        Files.move(log, directory.resolve("app.log.2"));
        write("second\n");
        pollAndShip();
        clock.advance(Duration.ofSeconds(3));
        pollAndShip();
        assertThat(messages()).containsExactly("first", "second");
    }

    @Test
    void readsTheRestOfADeletedFileThroughTheOpenHandle() throws IOException {
        write("one\n");
        pollAndShip();
        write("two\nlast words");
        Files.delete(log);
        write("three\n");
        pollAndShip();
        clock.advance(Duration.ofSeconds(3));
        pollAndShip();
        assertThat(messages()).containsExactly("one", "two", "last words", "three");
    }

    @Test
    void waitsForAWriterThatHasNotNoticedTheRotation() throws IOException {
        write("one\n");
        pollAndShip();
        Path old = directory.resolve("app.log-20261123");
        Files.move(log, old);
        write("");
        pollAndShip();
        Files.writeString(old, "two\n", StandardOpenOption.APPEND);
        write("three\n");
        pollAndShip();
        assertThat(messages()).containsExactly("one", "two");
        clock.advance(Duration.ofSeconds(3));
        pollAndShip();
        assertThat(messages()).containsExactly("one", "two", "three");
    }

    @Test
    void readsAnotherFileOnTheSameInodeFromItsBeginning() throws IOException {
        write("a line of the old file\n");
        pollAndShip();
        Files.writeString(log, "quite another, and a longer line\n", StandardOpenOption.TRUNCATE_EXISTING);
        crash();
        pollAndShip();
        assertThat(messages()).containsExactly("a line of the old file", "quite another, and a longer line");
    }

    @Test
    void cutsALineOfAMegabyteAndLosesNoOther() throws IOException {
        write("before\n" + "x".repeat(1 << 20) + "\nbetween\n" + "\0".repeat(300_000) + "\n" + "ä".repeat(1 << 19));
        pollAndShip();
        crash();
        write("ä\nafter\n");
        pollAndShip();
        assertThat(messages())
                .extracting(text -> text.substring(0, Math.min(7, text.length())))
                .containsExactly("before", "xxxxxxx", "between", "\0".repeat(7), "ääääääää".substring(0, 7), "after");
        assertThat(messages().get(1)).hasSize(OpenFile.MAX_LINE_BYTES);
        assertThat(messages().get(4)).hasSize(OpenFile.MAX_LINE_BYTES / 2);
        assertThat(lines()).filteredOn(line -> line.has("truncated")).hasSize(3);
    }

    @Test
    void replacesWhatIsNoUtf8() throws IOException {
        Files.write(log, new byte[] {'a', (byte) 0xFF, 'b', (byte) 0xE2, (byte) 0x82, '\n'});
        byte[] broken = new byte[OpenFile.MAX_LINE_BYTES];
        Arrays.fill(broken, (byte) 0xFE);
        Files.write(log, broken, StandardOpenOption.APPEND);
        write("\n");
        pollAndShip();
        assertThat(messages().get(0)).isEqualTo("a\uFFFDb\uFFFD");
        assertThat(messages().get(1).getBytes(StandardCharsets.UTF_8).length)
                .isLessThanOrEqualTo(OpenFile.MAX_LINE_BYTES);
    }

    @Test
    void leavesTheFilesAloneWhileTheSpoolIsFullAndThenCatchesUp() throws IOException {
        spoolBytes = 20_000;
        crash();
        List<String> expected = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 30_000; i++) {
            expected.add("line " + i + " " + Integer.toHexString(i * 0x9E3779B9));
            text.append(expected.get(i)).append('\n');
        }
        write(text.toString());
        for (int i = 0; i < 50; i++) {
            shipper.poll();
        }
        long size = 0;
        for (Path file : spooled(".batch")) {
            size += Files.size(file);
        }
        assertThat(size).isBetween(20_000L, 120_000L);
        while (messages().size() < expected.size()) {
            int before = messages().size();
            pollAndShip();
            assertThat(messages().size()).isGreaterThan(before);
        }
        assertThat(messages()).isEqualTo(expected);
    }

    @Test
    void readsAgainWhatADamagedNewestBatchHeld() throws IOException {
        write("one\n");
        shipper.poll();
        write("two\n");
        shipper.poll();
        Path newest = spooled(".batch").get(1);
        byte[] content = Files.readAllBytes(newest);
        content[content.length - 1] ^= 1;
        Files.write(newest, content);
        crash();
        pollAndShip();
        assertThat(messages()).containsExactly("one", "two");
        assertThat(spooled(".bad")).hasSize(1);
    }

    @Test
    void goesOnBehindADamagedOldBatchAndOneTheServerRefuses() throws IOException {
        for (String text : List.of("one\n", "two\n", "three\n")) {
            write(text);
            shipper.poll();
        }
        Files.write(spooled(".batch").get(0), new byte[] {1, 2, 3});
        shipper.setOldestAside();
        pollAndShip();
        assertThat(messages()).containsExactly("three");
        assertThat(spooled(".bad")).hasSize(2);
    }

    @Test
    void goesOnWithTheOtherFilesWhenOneCannotBeFollowed() throws IOException {
        shipper.close();
        Path folder = Files.createDirectory(directory.resolve("folder"));
        shipper =
                new LogShipper(new Spool(directory.resolve("spool"), spoolBytes), List.of(folder, log), ownLog, clock);
        write("one\n");
        pollAndShip();
        pollAndShip();
        assertThat(messages()).containsExactly("one");
    }

    @Test
    void shipsTheWorkersOwnLogAndCountsWhatItHadToDrop() {
        ownLog.attach();
        org.slf4j.Logger logger = org.slf4j.LoggerFactory.getLogger("io.lyftdata.agent.Example");
        for (int i = 0; i < 1200; i++) {
            logger.warn("event {} \ud800", i);
        }
        pollAndShip();
        List<JsonNode> own = lines().stream()
                .filter(line -> line.get("source").textValue().equals("worker"))
                .toList();
        assertThat(own).hasSize(1001);
        assertThat(own.get(0).get("message").textValue()).matches("20\\d older lines .* dropped");
        assertThat(own.get(1000).get("message").textValue()).isEqualTo("event 1199 ?");
        assertThat(own.get(1000).get("level").textValue()).isEqualTo("warn");
    }

    @Test
    void readsABusyFileInPortionsSoThatOthersGetTheirTurn() throws IOException {
        write(("z".repeat(1023) + "\n").repeat(10_000));
        assertThat(shipper.poll()).isTrue();
        ship();
        assertThat(messages().size()).isBetween(4 * 1024 - 2, 4 * 1024 + 64);
        pollAndShip();
        assertThat(messages()).hasSize(10_000);
        assertThat(shipper.poll()).isFalse();
    }
}

package io.lyftdata.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.client.Json;
import io.lyftdata.testing.MovableClock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random histories of a writer, a rotation, a crashing worker and a server whose answers get lost. */
class FollowingPropertyTest {
    private static final int HISTORIES = 10;
    private static final int STEPS = 60;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void everyLineArrivesOnceAndInOrder(int seed) throws IOException {
        for (int i = 0; i < HISTORIES; i++) {
            Path place = Files.createDirectory(directory.resolve("history" + i));
            try (History history = new History(place, new Random(seed * 1000L + i))) {
                history.run();
            } catch (AssertionError | RuntimeException | IOException e) {
                throw new AssertionError("seed " + seed + ", history " + i, e);
            }
        }
    }

    private static final class History implements AutoCloseable {
        private final Path place;
        private final Path log;
        private final Random random;
        private final MovableClock clock = new MovableClock();
        private final List<String> steps = new ArrayList<>();
        private final List<String> written = new ArrayList<>();
        private final Set<String> excused = new HashSet<>();
        private final Map<String, byte[]> bodies = new LinkedHashMap<>();
        private LogShipper shipper;
        private FileChannel writer;
        private Path writes;
        private String begun = "";
        private int unread;
        private int archives;
        private long tick = 1_700_000_000L;

        History(Path place, Random random) throws IOException {
            this.place = place;
            this.log = place.resolve("app.log");
            this.random = random;
            reopen();
            crash();
        }

        void run() throws IOException {
            for (int i = 0; i < STEPS; i++) {
                step();
            }
            finishLine();
            reopen();
            for (int i = 0; i < 3; i++) {
                pollAll();
                clock.advance(Duration.ofSeconds(3));
            }
            while (shipper.ship(this::take)) {
                // Until all is sent.
            }
            List<String> expected = new ArrayList<>(written);
            List<String> got = received();
            expected.removeIf(line -> excused.contains(line) && !got.contains(line));
            int same = 0;
            while (same < Math.min(got.size(), expected.size()) && got.get(same).equals(expected.get(same))) {
                same++;
            }
            assertThat(got.subList(same, Math.min(same + 3, got.size())))
                    .as("behind line " + same + " of " + steps)
                    .isEqualTo(expected.subList(same, Math.min(same + 3, expected.size())));
        }

        private void step() throws IOException {
            int choice = random.nextInt(14);
            steps.add(choice + "@" + written.size());
            switch (choice) {
                case 0, 1, 2 -> append(1 + random.nextInt(random.nextInt(8) == 0 ? 2500 : 5));
                case 3 -> begin();
                case 4, 5 -> rename();
                case 6 -> copyAndCut();
                case 7 -> cut();
                case 8, 9 -> pollAll();
                case 10 -> clock.advance(Duration.ofSeconds(random.nextInt(4)));
                case 11 -> crash();
                case 12 -> crashBeforeTheLastBatchWasKept();
                default -> send();
            }
        }

        private void append(int lines) throws IOException {
            finishLine();
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < lines; i++) {
                String line = "line " + written.size() + " " + "z".repeat(random.nextInt(9) * random.nextInt(9));
                written.add(line);
                text.append(line).append('\n');
            }
            unread += lines;
            write(text.toString());
        }

        private void begin() throws IOException {
            finishLine();
            begun = "begun " + written.size();
            written.add(begun + " and done");
            unread++;
            write(begun);
        }

        private void finishLine() throws IOException {
            if (!begun.isEmpty()) {
                begun = "";
                write(" and done\n");
            }
        }

        private void write(String text) throws IOException {
            writer.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            touch(writes);
        }

        private void touch(Path file) throws IOException {
            Files.setLastModifiedTime(file, FileTime.fromMillis(++tick * 1000));
        }

        private void reopen() throws IOException {
            if (writer != null) {
                writer.close();
            }
            writer = FileChannel.open(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            writes = log;
            touch(log);
        }

        /** As logrotate does: the writer goes on in the old file for a while, and the worker may look meanwhile. */
        private void rename() throws IOException {
            Path last = place.resolve("app.log." + archives);
            if (unread == 0 && begun.isEmpty() && archives > 1 && random.nextBoolean()) {
                Files.delete(last);
                archives--;
            }
            for (int i = archives; i > 0; i--) {
                Files.move(place.resolve("app.log." + i), place.resolve("app.log." + (i + 1)));
            }
            archives++;
            writes = place.resolve("app.log.1");
            Files.move(log, writes);
            if (random.nextBoolean()) {
                Files.createFile(log);
                touch(log);
            }
            if (random.nextBoolean()) {
                poll();
            }
            if (random.nextInt(4) == 0) {
                crash();
                poll();
            }
            if (random.nextBoolean()) {
                append(2);
            }
            finishLine();
            reopen();
        }

        private void copyAndCut() throws IOException {
            finishLine();
            for (int i = archives; i > 0; i--) {
                Files.move(place.resolve("app.log." + i), place.resolve("app.log." + (i + 1)));
            }
            archives++;
            Files.copy(log, place.resolve("app.log.1"));
            touch(place.resolve("app.log.1"));
            if (random.nextBoolean()) {
                poll();
            }
            empty();
        }

        private void cut() throws IOException {
            finishLine();
            for (String line : Files.readAllLines(log)) {
                excused.add(line);
            }
            empty();
        }

        private void empty() throws IOException {
            writer.truncate(0);
            touch(log);
        }

        private void poll() {
            shipper.poll();
        }

        private void pollAll() {
            for (int i = 0; i < 3; i++) {
                while (shipper.poll()) {
                    // Until nothing is left.
                }
                clock.advance(Duration.ofSeconds(3));
            }
            shipper.poll();
            unread = begun.isEmpty() ? 0 : 1;
        }

        private void crash() throws IOException {
            if (shipper != null) {
                shipper.close();
            }
            shipper = new LogShipper(
                    new Spool(place.resolve("spool"), Spool.DEFAULT_BYTES), List.of(log), new OwnLog(), clock);
            if (bodies.isEmpty()) {
                shipper.poll();
            }
        }

        private void crashBeforeTheLastBatchWasKept() throws IOException {
            List<Path> before = batches();
            shipper.poll();
            List<Path> after = batches();
            if (after.size() > before.size()) {
                Files.delete(after.get(after.size() - 1));
            }
            crash();
        }

        private List<Path> batches() throws IOException {
            try (Stream<Path> files = Files.list(place.resolve("spool"))) {
                return files.filter(file -> file.toString().endsWith(".batch"))
                        .sorted()
                        .toList();
            }
        }

        private void send() {
            int fate = random.nextInt(3);
            try {
                shipper.ship((id, body) -> {
                    if (fate > 0) {
                        take(id, body);
                    }
                    if (fate < 2) {
                        throw new IllegalStateException("no answer");
                    }
                });
            } catch (IllegalStateException e) {
                assertThat(fate).isLessThan(2);
            }
        }

        private void take(String id, byte[] body) {
            byte[] first = bodies.putIfAbsent(id, body);
            assertThat(first == null ? body : first).isEqualTo(body);
        }

        private List<String> received() throws IOException {
            List<String> lines = new ArrayList<>();
            for (byte[] body : bodies.values()) {
                try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
                    for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .toList()) {
                        lines.add(Json.MAPPER.readTree(line).get("message").textValue());
                    }
                }
            }
            return lines;
        }

        @Override
        public void close() {
            shipper.close();
            try {
                writer.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}

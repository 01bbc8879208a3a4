package io.lyftdata.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

public class LogStoreTest {
    @TempDir
    Path directory;

    private LogFixture logs;

    @BeforeEach
    void open() throws Exception {
        logs = new LogFixture(directory);
    }

    @AfterEach
    void close() throws Exception {
        logs.close();
    }

    @Test
    void aBatchIsStoredOnceHoweverOftenItIsSent() throws Exception {
        logs.say("w", 1, "a", "b");
        logs.say("w", 1, "a", "b");
        logs.restart();
        logs.say("w", 1, "a", "b");
        logs.clock.advance(Duration.ofHours(24));
        logs.say("w", 2, "c");
        logs.say("w", 1, "a", "b");
        assertThat(logs.messages()).containsExactly("a", "b", "c");
    }

    @Test
    void aCheckpointLetsSqlitesLogBeginAnew() throws Exception {
        say(1, 200);
        logs.store.checkpoint();
        long size = logOfChanges();
        say(201, 300);
        logs.store.checkpoint();
        say(301, 400);
        assertThat(logOfChanges()).isEqualTo(size);
        assertThat(logs.messages("limit", "1000")).hasSize(400);
    }

    private void say(int from, int to) throws Exception {
        for (int batch = from; batch <= to; batch++) {
            logs.say("w", batch, "line " + batch);
        }
    }

    private long logOfChanges() throws IOException {
        LocalDate today = LocalDate.ofInstant(logs.clock.instant(), ZoneOffset.UTC);
        return Files.size(directory.resolve("logs/logs-" + today + ".db-wal"));
    }

    /** Or a disk that hangs would take every thread of the server, and nobody's heartbeat were answered. */
    @Test
    void onlySoManyWaitForTheDisk() throws Exception {
        logs.say("w", 0, "before");
        ExecutorService threads = Executors.newCachedThreadPool();
        List<Future<?>> sent = new ArrayList<>();
        logs.disk.lock();
        try {
            for (int i = 1; i <= 300; i++) {
                int batch = i;
                sent.add(threads.submit(() -> {
                    logs.say("w", batch, "line " + batch);
                    return null;
                }));
            }
            await().until(() -> logs.store.waiting() >= 256);
            Future<?> more = threads.submit(() -> {
                logs.say("w", 999, "more");
                return null;
            });
            assertThatThrownBy(() -> more.get(10, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(Refusal.class, refusal -> {
                        assertThat(refusal.code()).isEqualTo(Code.UNAVAILABLE);
                        assertThat(refusal.retryAfter()).isPresent();
                    });
        } finally {
            logs.disk.unlock();
            threads.shutdown();
        }
        int stored = 0;
        for (Future<?> one : sent) {
            try {
                one.get();
                stored++;
            } catch (ExecutionException refused) {
                assertThat(refused).cause().isInstanceOf(Refusal.class);
            }
        }
        assertThat(stored).isGreaterThanOrEqualTo(256);
        assertThat(logs.messages()).hasSize(1 + stored);
    }

    @Test
    void nobodyIsToldThatItIsStoredWhenTheMemoryRunsOut() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(20);
        List<Future<?>> sent = new ArrayList<>();
        logs.disk.lock();
        try {
            logs.trouble = new OutOfMemoryError("of a test");
            for (int i = 1; i <= 20; i++) {
                int batch = i;
                sent.add(threads.submit(() -> {
                    logs.say("w", batch, "line " + batch);
                    return null;
                }));
            }
            await().until(() -> logs.store.waiting() >= 10);
        } finally {
            logs.disk.unlock();
            threads.shutdown();
        }
        for (Future<?> one : sent) {
            assertThatThrownBy(() -> one.get(10, TimeUnit.SECONDS)).hasRootCause(logs.trouble);
        }
        logs.trouble = null;
        logs.say("w", 1, "again");
        assertThat(logs.messages()).containsExactly("again");
    }

    @Test
    void workersNameTheirBatchesIndependently() throws Exception {
        logs.say("v", 1, "a");
        logs.say("w", 1, "b");
        assertThat(logs.messages()).containsExactly("a", "b");
        assertThat(LogFixture.messages(logs.read(Optional.of("w")))).containsExactly("b");
    }

    /** As people read what happened: workers' lines one among the other, whichever arrived first. */
    @Test
    void byTimeTheWorkersLinesAreMerged() throws Exception {
        Instant now = logs.clock.instant();
        List<String> expected = new ArrayList<>();
        List<List<String>> lines = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (int i = 0; i < 90; i++) {
            lines.get(i % 3).add(LogFixture.line(now.minusSeconds(90 - i), i % 10 == 0 ? "warn" : "info", "line " + i));
            expected.add("line " + i);
        }
        logs.append("c", 1, lines.get(2).toArray(new String[0]));
        logs.clock.advance(Duration.ofHours(13));
        logs.append("a", 2, lines.get(0).toArray(new String[0]));
        logs.append("b", 3, lines.get(1).toArray(new String[0]));

        String since = now.minusSeconds(90).toString();
        assertThat(logs.messages("order", "time", "since", since)).isEqualTo(expected);
        List<String> paged = new ArrayList<>();
        List<JsonNode> page = logs.read(Optional.empty(), "order", "time", "since", since, "limit", "7");
        while (!page.isEmpty()) {
            paged.addAll(LogFixture.messages(page));
            String cursor = page.get(page.size() - 1).get("cursor").textValue();
            page = logs.read(Optional.empty(), "order", "time", "cursor", cursor, "limit", "7");
        }
        assertThat(paged).isEqualTo(expected);
        String until = now.minusSeconds(60).toString();
        assertThat(logs.messages("order", "time", "since", since, "until", until, "level", "warn"))
                .containsExactly("line 0", "line 10", "line 20", "line 30");
    }

    /** What would not fit into a reader's memory comes with the next page. */
    @Test
    void byTimeLongLinesMakeShorterPages() throws Exception {
        String since = logs.clock.instant().toString();
        for (int batch = 0; batch < 5; batch++) {
            String[] lines = new String[30];
            for (int i = 0; i < lines.length; i++) {
                lines[i] = LogFixture.line(logs.clock.instant(), "info", "x".repeat(200_000));
            }
            logs.append("w", batch, lines);
        }
        int seen = 0;
        int pages = 0;
        List<JsonNode> page = logs.read(Optional.empty(), "order", "time", "since", since);
        while (!page.isEmpty()) {
            seen += page.size();
            pages++;
            String cursor = page.get(page.size() - 1).get("cursor").textValue();
            page = logs.read(Optional.empty(), "order", "time", "cursor", cursor);
        }
        assertThat(seen).isEqualTo(150);
        assertThat(pages).isEqualTo(2);
    }

    @Test
    void anOrderIsKeptFromPageToPage() throws Exception {
        logs.say("w", 1, "a", "b");
        String arrival = logs.read(Optional.empty()).get(0).get("cursor").textValue();
        assertThatThrownBy(() -> logs.messages("order", "time", "cursor", arrival))
                .hasMessageContaining("the order it came from");
        String time = logs.read(Optional.empty(), "order", "time", "since", "15m")
                .get(0)
                .get("cursor")
                .textValue();
        assertThatThrownBy(() -> logs.messages("cursor", time)).hasMessageContaining("the order it came from");
        assertThatThrownBy(() -> logs.messages("order", "time")).hasMessageContaining("needs since or cursor");
        assertThatThrownBy(() -> logs.messages("order", "size")).hasMessageContaining("order is arrival or time");
    }

    @Test
    void aLineSaysWhoseItIs() throws Exception {
        logs.say("w", 1, "a\tb\u2028\u0085\u001b\"\\ü😀");
        JsonNode line = logs.read(Optional.empty()).get(0);
        assertThat(line.get("worker").textValue()).isEqualTo("w");
        assertThat(line.get("time").textValue()).isEqualTo("2026-11-23T12:00:00.000Z");
        assertThat(line.get("level").textValue()).isEqualTo("info");
        assertThat(line.get("source").textValue()).isEqualTo("/var/log/a");
        assertThat(line.get("message").textValue()).isEqualTo("a\tb\u2028\u0085\u001b\"\\ü😀");
        assertThat(line.has("truncated")).isFalse();
    }

    @Test
    void withoutParametersTheNewestLinesCome() throws Exception {
        for (int batch = 0; batch < 30; batch++) {
            logs.say("w", batch, batch + "a", batch + "b", batch + "c");
            logs.clock.advance(Duration.ofHours(3));
        }
        assertThat(logs.messages("limit", "5")).containsExactly("28b", "28c", "29a", "29b", "29c");
        assertThat(logs.messages("limit", "5", "until", "4h"))
                .containsExactly("27b", "27c", "28a", "28b", "28c")
                .doesNotContain("29a");
        assertThat(logs.messages()).hasSize(90);
    }

    @Test
    void aReaderFromBehindTheLastDayGetsNothingYet() throws Exception {
        assertThat(logs.messages("since", "1m")).isEmpty();
        logs.say("a", 1, "old");
        logs.clock.advance(Duration.ofDays(3));
        assertThat(logs.messages("since", "1m")).isEmpty();
    }

    @Test
    void filtersByLevelAndTime() throws Exception {
        Instant now = logs.clock.instant();
        List<String> lines = new ArrayList<>();
        String[] levels = {"trace", "debug", "INFO", "warn", "error", "odd"};
        for (int minute = 0; minute < 6; minute++) {
            lines.add(LogFixture.line(now.minusSeconds(60L * minute), levels[minute], "m" + minute));
        }
        logs.append("w", 1, lines.toArray(new String[0]));
        assertThat(logs.messages("level", "info")).containsExactly("m2", "m3", "m4", "m5");
        assertThat(logs.messages("level", "warn")).containsExactly("m3", "m4");
        assertThat(logs.messages("level", "warn", "limit", "1")).containsExactly("m4");
        assertThat(logs.messages("since", "2m")).containsExactly("m0", "m1", "m2");
        assertThat(logs.messages("since", "4m", "until", "2m")).containsExactly("m2", "m3", "m4");
        assertThat(logs.messages("since", "2026-11-23T12:59:00+01:00", "level", "debug"))
                .containsExactly("m1");
        assertThat(logs.messages("since", "4m", "limit", "2")).containsExactly("m0", "m1");
    }

    @Test
    void aLateBatchIsFoundByTimeAndByCursor() throws Exception {
        logs.say("w", 1, "early");
        String cursor = logs.read(Optional.empty()).get(0).get("cursor").textValue();
        Instant then = logs.clock.instant().plusSeconds(60);
        logs.clock.advance(Duration.ofDays(3));
        logs.append("w", 2, LogFixture.line(then, "info", "late"));
        assertThat(logs.messages("cursor", cursor)).containsExactly("late");
        assertThat(logs.messages("since", then.toString())).containsExactly("late");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "limit|0|limit is",
                "limit|10001|limit is",
                "limit|x|limit is",
                "level|fatal|level is",
                "since|yesterday|since is no time",
                "until|15|until is no time",
                "cursor|x|malformed",
                "cursor|%%|malformed",
                "cursor|AAAAAAAAAAAAAAAAAAAAAAAAAAA|another server",
                "follow|true|unknown",
            })
    void aParameterThatCannotBeUsedIsRefused(String name, String value, String reason) {
        assertThatThrownBy(() -> logs.messages(name, value))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo(Code.UNPROCESSABLE))
                .hasMessageContaining(reason);
        assertThatThrownBy(() -> logs.messages("since", "1m", "until", "2m")).hasMessageContaining("swap");
        assertThatThrownBy(() -> logs.messages("limit", "1", "limit", "2")).hasMessageContaining("twice");
    }

    @Test
    void timesBeyondAllBoundsAreTakenAsTheNearest() throws Exception {
        logs.say("w", 1, "a");
        assertThat(logs.messages("since", "-999999999-01-01T00:00:00Z", "until", "+999999999-01-01T00:00:00Z"))
                .containsExactly("a");
        assertThat(logs.messages("since", "999999999d")).containsExactly("a");
    }

    @Test
    void aCursorOfAnotherInstallationIsRefused() throws Exception {
        logs.say("w", 1, "a");
        String cursor = logs.read(Optional.empty()).get(0).get("cursor").textValue();
        logs.restart("another");
        assertThatThrownBy(() -> logs.messages("cursor", cursor)).hasMessageContaining("another server");
    }

    @Test
    void aShipperThatResumesLosesAndRepeatsNothing() throws Exception {
        Random random = new Random(11);
        List<String> said = new ArrayList<>();
        List<String> shipped = new ArrayList<>();
        String cursor = null;
        for (int batch = 0; batch < 600; batch++) {
            List<String> messages = new ArrayList<>();
            for (int i = random.nextInt(9); i >= 0; i--) {
                messages.add(batch + "." + i);
            }
            said.addAll(messages);
            logs.say("w" + random.nextInt(3), batch, messages.toArray(new String[0]));
            if (random.nextInt(20) == 0) {
                logs.clock.advance(Duration.ofMinutes(random.nextInt(600) - 60));
            }
            if (random.nextInt(50) == 0) {
                logs.restart();
            }
            while (random.nextInt(3) > 0) {
                String limit = Integer.toString(1 + random.nextInt(20));
                List<JsonNode> lines = cursor == null
                        ? logs.read(Optional.empty(), "since", "1970-01-01T00:00:00Z", "limit", limit)
                        : logs.read(Optional.empty(), "cursor", cursor, "limit", limit);
                shipped.addAll(LogFixture.messages(lines));
                cursor = lines.isEmpty()
                        ? cursor
                        : lines.get(lines.size() - 1).get("cursor").textValue();
            }
            assertThat(said.subList(0, shipped.size())).isEqualTo(shipped);
        }
        shipped.addAll(logs.messages("cursor", cursor, "limit", "10000"));
        assertThat(shipped).isEqualTo(said);
    }

    @Test
    @Timeout(300)
    void aShipperBesideManyWritersLosesAndRepeatsNothing() throws Exception {
        int writers = 8;
        int batches = 60;
        ExecutorService pool = Executors.newFixedThreadPool(writers);
        List<Future<?>> done = new ArrayList<>();
        for (int w = 0; w < writers; w++) {
            String worker = "w" + w;
            done.add(pool.submit(() -> {
                for (int batch = 0; batch < batches; batch++) {
                    logs.say(worker, batch, worker + "." + batch);
                    logs.say(worker, batch, worker + "." + batch);
                    logs.clock.advance(Duration.ofMinutes(10));
                }
                return null;
            }));
        }
        List<String> shipped = new ArrayList<>();
        String[] from = {"since", "1970-01-01T00:00:00Z"};
        while (shipped.size() < writers * batches) {
            List<JsonNode> lines = logs.read(Optional.empty(), from);
            shipped.addAll(LogFixture.messages(lines));
            if (!lines.isEmpty()) {
                from = new String[] {
                    "cursor", lines.get(lines.size() - 1).get("cursor").textValue()
                };
            }
            assertThat(shipped).doesNotHaveDuplicates();
        }
        for (Future<?> one : done) {
            one.get();
        }
        pool.shutdown();
        assertThat(logs.messages(from)).isEmpty();
    }

    @Test
    void aReaderThatStandsStillHoldsUpNoWriter() throws Exception {
        logs.say("w", 1, "x".repeat(100_000));
        logs.store.read(LogFixture.parameters(), Optional.empty()).write(new OutputStream() {
            private boolean wrote;

            @Override
            public void write(int b) throws IOException {
                if (!wrote) {
                    wrote = true;
                    logs.say("w", 2, "written while another reads");
                }
            }
        });
        assertThat(logs.messages("limit", "1")).containsExactly("written while another reads");
    }

    @Test
    void aClockThatGoesBackLosesNothing() throws Exception {
        logs.say("w", 1, "a");
        logs.clock.advance(Duration.ofDays(-2));
        logs.say("w", 2, "b");
        logs.restart();
        logs.say("w", 3, "c");
        assertThat(logs.messages()).containsExactly("a", "b", "c");
    }

    @Test
    void aDamagedDayDoesNotKeepTheOthersFromBeingRead() throws Exception {
        logs.say("w", 1, "a");
        logs.clock.advance(Duration.ofDays(1));
        logs.say("w", 2, "b");
        logs.clock.advance(Duration.ofDays(1));
        logs.say("w", 3, "c");
        logs.store.stop();
        Files.write(directory.resolve("logs/logs-2026-11-23.db"), new byte[8192]);
        Files.write(directory.resolve("logs/logs-2026-11-25.db"), new byte[8192]);
        logs.store.start();
        logs.say("w", 4, "d");
        assertThat(logs.messages()).containsExactly("b", "d");
        assertThat(directory.resolve("logs/logs-2026-11-25.db.damaged")).exists();
    }
}

package io.lyftdata.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

public class BatchTest {
    private static final String GOOD = "{\"time\":\"2026-11-23T11:59:59Z\",\"message\":\"m\"}";

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

    private JsonNode stored(byte[] batch) throws IOException {
        logs.appendBytes("w", LogFixture.batch(new Random(Arrays.hashCode(batch)).nextInt(1 << 30)), batch);
        return logs.read(Optional.empty(), "limit", "1").get(0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "x|not JSON",
                "[]|not a JSON object",
                "{\"time\":\"2026-11-23T12:00:00Z\",\"message\":\"m\"|not JSON",
                "{\"time\":\"2026-11-23T12:00:00Z\",\"message\":\"m\"}{}|more than one",
                "{\"time\":\"2026-11-23 12:00:00\",\"message\":\"m\"}|time is not RFC 3339",
                "{\"time\":1,\"message\":\"m\"}|time is not text",
                "{\"message\":\"m\"}|time is missing",
                "{\"time\":\"2026-11-23T12:00:00Z\"}|message is missing",
                "{\"time\":\"2026-11-23T12:00:00Z\",\"message\":{}}|message is not text",
                "{\"time\":\"2026-11-23T12:00:00Z\",\"message\":\"m\",\"level\":3}|level is not text",
            })
    void oneBadLineRefusesTheBatchByItsNumber(String line, String reason) throws Exception {
        assertThatThrownBy(() -> logs.append("w", 1, GOOD, "", line, GOOD))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo(Code.UNPROCESSABLE))
                .hasMessageStartingWith("logs line 3: ")
                .hasMessageContaining(reason);
        assertThat(logs.messages()).isEmpty();
        logs.append("w", 1, GOOD);
        assertThat(logs.messages()).containsExactly("m");
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "abc", "0123456789ABCDEF0123456789ABCDEF", "0123456789abcdef0123456789abcdef0"})
    void aBatchMustHaveAName(String batch) {
        assertThatThrownBy(() -> logs.appendBytes("w", batch, GOOD.getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("Lyftdata-Batch");
    }

    @Test
    void whatIsTooMuchAtOnceIsToldSo() {
        String[] lines = new String[BatchParser.MAX_LINES + 1];
        Arrays.fill(lines, GOOD);
        assertThatThrownBy(() -> logs.append("w", 1, lines))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo(Code.BODY_TOO_LARGE));
        assertThatThrownBy(() -> logs.appendBytes("w", LogFixture.batch(1), new byte[BatchParser.MAX_BYTES + 1]))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo(Code.BODY_TOO_LARGE));
        assertThatThrownBy(() -> logs.append("w", 1, "", " ")).hasMessageContaining("no lines");
    }

    @Test
    void aLineOfOneMegabyteIsCutAndMarkedNotLost() throws Exception {
        logs.append("w", 1, LogFixture.line(logs.clock.instant(), "info", "ü".repeat(500_000)), GOOD);
        JsonNode cut = logs.read(Optional.empty()).get(0);
        assertThat(cut.get("message").textValue()).isEqualTo("ü".repeat(BatchParser.MAX_MESSAGE / 2));
        assertThat(cut.get("truncated").booleanValue()).isTrue();
        assertThat(logs.messages()).hasSize(2);
    }

    @Test
    void aCutNeverSplitsACharacter() throws Exception {
        logs.append("w", 1, LogFixture.line(logs.clock.instant(), "info", "a" + "ü".repeat(500_000)));
        assertThat(logs.messages()).containsExactly("a" + "ü".repeat(BatchParser.MAX_MESSAGE / 2 - 1));
    }

    @Test
    void brokenTextIsReplacedNotLost() throws Exception {
        byte[] broken = GOOD.replace("\"m\"", "\"a\u00ffb\"").getBytes(StandardCharsets.ISO_8859_1);
        assertThat(stored(broken).get("message").textValue()).isEqualTo("a\ufffdb");
        byte[] half = GOOD.replace("\"m\"", "\"a\\ud800b\"").getBytes(StandardCharsets.UTF_8);
        assertThat(stored(half).get("message").textValue()).isEqualTo("a?b");
    }

    @Test
    void aTimeThatCannotBeGivesWayToTheArrivalAndStaysBeside() throws Exception {
        Instant now = logs.clock.instant();
        Instant possible = now.plus(BatchParser.MAX_AHEAD);
        logs.append("w", 1, LogFixture.line(possible, "info", "a"));
        logs.append("w", 2, LogFixture.line(possible.plusMillis(1), "info", "b"));
        logs.append("w", 3, LogFixture.line(Instant.EPOCH.minusMillis(1), "info", "c"));
        JsonNode ahead = logs.read(Optional.empty()).get(0);
        assertThat(ahead.get("time").textValue()).isEqualTo("2026-11-23T12:10:00.000Z");
        assertThat(ahead.has("claimedTime")).isFalse();
        JsonNode tooFar = logs.read(Optional.empty()).get(1);
        assertThat(tooFar.get("time").textValue()).isEqualTo("2026-11-23T12:00:00.000Z");
        assertThat(tooFar.get("claimedTime").textValue()).isEqualTo("2026-11-23T12:10:00.001Z");
        assertThat(logs.read(Optional.empty()).get(2).get("claimedTime").textValue())
                .isEqualTo("1969-12-31T23:59:59.999Z");
        logs.clock.advance(Duration.ofDays(1));
        assertThat(logs.messages("since", possible.toString())).containsExactly("a");
    }

    @Test
    void whatTheServerDoesNotKnowIsIgnored() throws Exception {
        String more = "{\"new\":{\"a\":[1,{}]},\"worker\":\"other\",\"cursor\":\"x\",\"level\":null,\"source\":null,"
                + "\"truncated\":true," + GOOD.substring(1);
        JsonNode line = stored(more.getBytes(StandardCharsets.UTF_8));
        assertThat(line.get("worker").textValue()).isEqualTo("w");
        assertThat(line.get("level").textValue()).isEqualTo("info");
        assertThat(line.get("truncated").booleanValue()).isTrue();
    }

    @Test
    void strangersBytesAreStoredOrRefusedNeverAnythingElse() throws Exception {
        Random random = new Random(23);
        String alphabet = "\"\"{}[]:,\\u0d8\n tme2026-T:Z.+\u00e2\u0080\u00a8\u00c2\u0085\u00ff\0";
        for (int round = 0; round < 3_000; round++) {
            StringBuilder text = new StringBuilder(GOOD + "\n" + GOOD);
            for (int change = random.nextInt(4); change >= 0; change--) {
                int at = random.nextInt(text.length());
                char c = alphabet.charAt(random.nextInt(alphabet.length()));
                text.replace(at, at + random.nextInt(2), String.valueOf(c));
            }
            try {
                BatchParser.parse(text.toString().getBytes(StandardCharsets.ISO_8859_1), logs.clock.instant());
            } catch (Refusal refusal) {
                assertThat(refusal).hasMessageMatching("logs line \\d+: .*|the batch has no lines.*");
            }
        }
    }
}

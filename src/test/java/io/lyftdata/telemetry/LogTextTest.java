package io.lyftdata.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.api.LogLine;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogTextTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    private static LogLine line(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return LogText.line("/var/log/app.log", bytes, bytes.length, false, NOW);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "plain text | info",
                "2026-01-02T03:04:05Z ERROR it broke | error",
                "[WARNING] disk | warn",
                "2026/01/02 03:04:05 [error] 7#7: nginx | error",
                "ts=1 level=debug msg=x | debug",
                "level=\"WARN\" x | warn",
                "INFORMATION about errors | info",
                "an ERROR_CODE and ERRORS | info",
                "FATAL: no | error",
                "{\"msg\":\"x ERROR\",\"level\":\"Trace\"} | trace",
                "{\"a\":{\"level\":\"error\"},\"severity\":\"WARNING\"} | warn",
                "{\"level\":50,\"time\":1 | error",
                "{\"level\":null} | info",
                "{not json ERROR | info",
            })
    void guessesTheLevel(String text, String level) {
        assertThat(line(text).level()).isEqualTo(level);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "2026-01-02T03:04:05.678Z x | 2026-01-02T03:04:05.678Z",
                "[2026-01-02 03:04:05,5+01:00] x | 2026-01-02T02:04:05.500Z",
                "2026-01-02T03:04:05-0130 x | 2026-01-02T04:34:05Z",
                "2026-01-02T03:04:05 without zone | 2026-11-23T12:00:00Z",
                "2026-99-02T03:04:05Z | 2026-11-23T12:00:00Z",
                "2999-01-02T03:04:05Z | 2026-11-23T12:00:00Z",
                "{\"ts\":1767323045.25} | 2026-01-02T03:04:05.250Z",
                "{\"timestamp\":1767323045250} | 2026-01-02T03:04:05.250Z",
                "{\"time\":\"2026-01-02T03:04:05Z\"} | 2026-01-02T03:04:05Z",
                "{\"@timestamp\":1767323045250000000} | 2026-01-02T03:04:05.250Z",
                "{\"ts\":1e999999} | 2026-11-23T12:00:00Z",
                "{\"ts\":-5} | 2026-11-23T12:00:00Z",
            })
    void takesTheTimeFromTheTextOrElseTheTimeOfReading(String text, Instant time) {
        assertThat(line(text).time()).isEqualTo(time);
    }

    @Test
    void noBytesBreakIt() {
        Random random = new Random(3);
        String letters = "{}[]\":,\\ \r\0eE+-.0123456789TZlevltsim\u00ff";
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(60)];
            for (int k = 0; k < bytes.length; k++) {
                bytes[k] = (byte) letters.charAt(random.nextInt(letters.length()));
            }
            if (bytes.length > 0 && random.nextBoolean()) {
                bytes[0] = '{';
            }
            LogLine line = LogText.line("f", bytes, bytes.length, random.nextBoolean(), NOW);
            assertThat(line.level()).isNotNull();
            assertThat(line.time()).isBefore(NOW.plusSeconds(86_401));
        }
    }
}

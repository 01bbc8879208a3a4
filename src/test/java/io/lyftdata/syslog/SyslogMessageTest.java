package io.lyftdata.syslog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SyslogMessageTest {
    private static String line(String action, String subject, String outcome) {
        return "{\"position\":7,\"segment\":\"ab\",\"time\":\"2026-11-23T11:50:00.000Z\",\"action\":\"" + action
                + "\",\"actorKind\":\"user\",\"actor\":\"ann\",\"keyId\":\"k1\",\"address\":\"192.0.2.1\",\"proxy\":\"\","
                + "\"requestId\":\"r1\",\"subject\":\"" + subject + "\",\"difference\":{},\"outcome\":\"" + outcome
                + "\",\"count\":1,\"previous\":\"00\",\"hash\":\"11\"}";
    }

    private static String message(String line) {
        String frame = new String(SyslogMessage.of(line, "server.example"), StandardCharsets.UTF_8);
        int space = frame.indexOf(' ');
        String message = frame.substring(space + 1);
        assertThat(Integer.parseInt(frame.substring(0, space)))
                .as("octets, not characters")
                .isEqualTo(message.getBytes(StandardCharsets.UTF_8).length);
        return message;
    }

    @Test
    void isWhatRfc5424SaysAndHoldsTheWholeLine() {
        String line = line("USER_ADDED", "bob", "done");
        assertThat(message(line))
                .isEqualTo("<110>1 2026-11-23T11:50:00.000Z server.example lyftdata - USER_ADDED [audit@32473"
                        + " position=\"7\" actorKind=\"user\" actor=\"ann\" keyId=\"k1\" address=\"192.0.2.1\""
                        + " subject=\"bob\" outcome=\"done\" count=\"1\" requestId=\"r1\" hash=\"11\"] " + line);
    }

    @ParameterizedTest
    @CsvSource({"REFUSED,role_missing,<108>", "AUDIT_ROLLED_BACK,done,<105>", "TOKEN_REVOKED,replayed,<110>"})
    void theSeverityTellsWhatToWakeSomebodyFor(String action, String outcome, String priority) {
        assertThat(message(line(action, "", outcome))).startsWith(priority + "1 ");
    }

    @Test
    void noValueEndsItsParameterOrItsElement() {
        String nasty = "a\\\\b\\\"c]d\\n\\u2028\\u001b[31m [x@1 y=\\\"z\\\"] \\\\";
        assertThat(message(line("USER_ADDED", nasty, "done")))
                .contains(" subject=\"a\\\\b\\\"c\\]d???[31m [x@1 y=\\\"z\\\"\\] \\\\\" outcome=\"done\"")
                .doesNotContain("\n", "\u001b", "\u2028");
    }

    @Test
    void textBeyondAsciiIsMarkedAsUtf8AndAsciiIsNot() {
        String line = line("USER_ADDED", "b\u00fcb", "done");
        assertThat(message(line)).endsWith("] \ufeff" + line).contains("subject=\"b\u00fcb\"");
        assertThat(message(line("USER_ADDED", "bob", "done"))).doesNotContain("\ufeff");
    }

    @Test
    void aHostNameIsOneWordOrNone() {
        String line = line("USER_ADDED", "bob", "done");
        assertThat(new String(SyslogMessage.of(line, "a b\nc"), StandardCharsets.UTF_8))
                .contains("Z abc lyftdata ");
        assertThat(new String(SyslogMessage.of(line, ""), StandardCharsets.UTF_8))
                .contains("Z - lyftdata ");
    }
}

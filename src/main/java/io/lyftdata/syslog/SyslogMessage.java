package io.lyftdata.syslog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.lyftdata.client.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * An audit record as a message of RFC 5424: facility 13 (log audit), the action as MSGID, what people search for as
 * structured data, and as MSG the whole line of the export, so that a collector's copy can be verified like a file.
 */
public final class SyslogMessage {
    private static final int FACILITY = 13;
    private static final int ALERT = 1;
    private static final int WARNING = 4;
    private static final int INFORMATIONAL = 6;
    private static final int LONGEST_HOST_NAME = 255;
    /** 32473 is IANA's number for examples (RFC 5612): the product has none of its own. */
    private static final String ID = "audit@32473";

    private static final List<String> PARAMETERS = List.of(
            "position", "actorKind", "actor", "keyId", "address", "subject", "outcome", "count", "requestId", "hash");

    private SyslogMessage() {}

    /**
     * @param line of an export, without its end
     * @param host name or address of the server
     * @return with its length before it (RFC 5425, section 4.3)
     */
    public static byte[] of(String line, String host) {
        byte[] message = text(line, host).getBytes(StandardCharsets.UTF_8);
        byte[] length = (message.length + " ").getBytes(StandardCharsets.US_ASCII);
        byte[] frame = new byte[length.length + message.length];
        System.arraycopy(length, 0, frame, 0, length.length);
        System.arraycopy(message, 0, frame, length.length, message.length);
        return frame;
    }

    private static String text(String line, String host) {
        JsonNode record = parse(line);
        String action = record.path("action").asText();
        StringBuilder text = new StringBuilder(line.length() + 500)
                .append('<')
                .append(FACILITY * 8 + severity(action, record.path("outcome").asText()))
                .append(">1 ")
                .append(record.path("time").asText())
                .append(' ')
                .append(name(host))
                .append(" lyftdata - ")
                .append(action)
                .append(" [")
                .append(ID);
        for (String parameter : PARAMETERS) {
            text.append(' ').append(parameter).append("=\"");
            text.append(escaped(record.path(parameter).asText())).append('"');
        }
        // Section 6.4: text in UTF-8 begins with the mark; of ASCII nobody asks it.
        boolean isAscii = line.chars().allMatch(character -> character < 128);
        return text.append(isAscii ? "] " : "] \ufeff").append(line).toString();
    }

    private static JsonNode parse(String line) {
        try {
            return Json.MAPPER.readTree(line);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a record that is no JSON", e);
        }
    }

    private static int severity(String action, String outcome) {
        if (action.equals("AUDIT_ROLLED_BACK")) {
            return ALERT;
        }
        return outcome.equals("done") || outcome.equals("replayed") ? INFORMATIONAL : WARNING;
    }

    /** Printable ASCII without spaces; {@code -} for none. */
    private static String name(String host) {
        String name = host.replaceAll("[^!-~]", "");
        return name.isEmpty() ? "-" : name.substring(0, Math.min(LONGEST_HOST_NAME, name.length()));
    }

    /** Section 6.3.3; what could end a line at a collector is replaced. */
    private static String escaped(String value) {
        return value.replaceAll("[\\p{Cntrl}\u2028\u2029]", "?").replaceAll("([\"\\\\\\]])", "\\\\$1");
    }
}

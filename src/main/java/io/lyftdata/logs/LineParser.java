package io.lyftdata.logs;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.lyftdata.api.Code;
import io.lyftdata.api.LogLine;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.Times;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;

/** Reads one line of a batch as {@link LogLine}; unknown fields are ignored. For one thread. */
final class LineParser {
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private int number;
    private Instant time;
    private String level;
    private String source;
    private String message;
    private boolean truncated;

    /** @throws Refusal with the line's number when it is no log line */
    LogLine parse(String line, int lineNumber) {
        number = lineNumber;
        time = null;
        level = null;
        source = "";
        message = null;
        truncated = false;
        try (JsonParser json = JSON.createParser(line)) {
            read(json);
        } catch (JsonProcessingException e) {
            throw refusal("it is not JSON");
        } catch (IOException e) {
            throw new UncheckedIOException("text is read from memory", e);
        }
        if (time == null || message == null) {
            throw refusal((time == null ? "time" : "message") + " is missing");
        }
        return new LogLine(time, level, source, message, truncated, null, null);
    }

    private void read(JsonParser json) throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw refusal("it is not a JSON object");
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            JsonToken value = json.nextToken();
            switch (field) {
                case "time" -> time = Times.parse(text(json, field)).orElseThrow(() -> refusal("time is not RFC 3339"));
                case "level" -> level = value == JsonToken.VALUE_NULL ? null : text(json, field);
                case "source" -> source = value == JsonToken.VALUE_NULL ? "" : text(json, field);
                case "message" -> message = text(json, field);
                case "truncated" -> truncated = value == JsonToken.VALUE_TRUE;
                default -> json.skipChildren();
            }
        }
        if (json.nextToken() != null) {
            throw refusal("it is more than one JSON object");
        }
    }

    private String text(JsonParser json, String field) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw refusal(field + " is not text");
        }
        return json.getText();
    }

    private Refusal refusal(String reason) {
        return new Refusal(Code.UNPROCESSABLE, "logs line " + number + ": " + reason);
    }
}

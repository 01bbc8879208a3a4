package io.lyftdata.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidDefinitionException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.config.Nearest;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** Says in a sentence what is wrong with a client's JSON, by the names in the JSON and never by ours. */
final class JsonTrouble {
    private static final int MAX_NAME = 100;

    private JsonTrouble() {}

    /** Empty when it is the server's own fault. */
    static Optional<Refusal> refusal(JsonProcessingException error) {
        if (error.getProcessor() instanceof JsonGenerator || error instanceof InvalidDefinitionException) {
            return Optional.empty();
        }
        Optional<StreamConstraintsException> limit = Causes.find(error, StreamConstraintsException.class);
        if (limit.isPresent()) {
            return Optional.of(new Refusal(
                    Code.BAD_REQUEST, "the JSON is nested deeper than 64, or one of its texts or numbers is too long"));
        }
        Optional<StreamReadException> syntax = Causes.find(error, StreamReadException.class)
                .filter(read -> !(read instanceof InputCoercionException && error instanceof JsonMappingException));
        return Optional.of(
                syntax.isPresent()
                        ? notJson(syntax.get().getLocation())
                        : error instanceof JsonMappingException mapping ? mismatch(mapping) : notJson(null));
    }

    private static Refusal notJson(JsonLocation at) {
        String place = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
        return new Refusal(Code.BAD_REQUEST, "the body is no valid JSON" + place + " (a field given twice is none)");
    }

    private static Refusal mismatch(JsonMappingException error) {
        String path = path(error);
        if (error instanceof UnrecognizedPropertyException unknown) {
            return new Refusal(
                    Code.UNPROCESSABLE,
                    "there is no field `" + path + "`"
                            + nearest(unknown.getPropertyName(), unknown.getKnownPropertyIds()));
        }
        if (path.isEmpty()) {
            return new Refusal(Code.BAD_REQUEST, "the body must be one JSON object and nothing else");
        }
        return new Refusal(
                Code.UNPROCESSABLE,
                "the field `" + path + "` "
                        + (error instanceof MismatchedInputException mismatch
                                ? "must be " + kind(mismatch.getTargetType())
                                : "has a value that is not accepted"));
    }

    private static String path(JsonMappingException error) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : error.getPath()) {
            if (step.getFieldName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
            }
        }
        return printable(path.toString());
    }

    private static String nearest(String name, Collection<Object> known) {
        return Nearest.of(printable(name), known.stream().map(String::valueOf).toList())
                .map(candidate -> ": did you mean `" + candidate + "`?")
                .orElse("");
    }

    private static String kind(Class<?> type) {
        if (type == String.class) {
            return "text";
        }
        if (type == Boolean.class || type == boolean.class) {
            return "true or false";
        }
        if (type == Instant.class) {
            return "a time such as 2026-01-31T12:00:00.000Z";
        }
        if (type != null && (type.isPrimitive() || Number.class.isAssignableFrom(type))) {
            return "given, as a number within its range";
        }
        if (type != null && Collection.class.isAssignableFrom(type)) {
            return "a list";
        }
        return type == null || type.isRecord() || Map.class.isAssignableFrom(type)
                ? "an object"
                : "one of the values that are documented";
    }

    private static String printable(String text) {
        String plain = text.replaceAll("[^ -~]", "?");
        return plain.length() <= MAX_NAME ? plain : plain.substring(0, MAX_NAME) + "…";
    }
}

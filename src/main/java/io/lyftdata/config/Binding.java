package io.lyftdata.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.lyftdata.api.Times;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** From YAML text to configuration records, strictly: unknown keys and wrong types are refused with their path. */
final class Binding {
    private final ObjectMapper yaml =
            new ObjectMapper(new YAMLFactory()).enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
    private final ObjectMapper mapper = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .addModule(new SimpleModule().addDeserializer(Duration.class, new DurationDeserializer()))
            .build();

    ObjectNode parse(String text, String place) {
        try {
            JsonNode tree = yaml.readTree(text);
            if (tree == null || tree.isNull() || tree.isMissingNode()) {
                return mapper.createObjectNode();
            }
            if (tree instanceof ObjectNode object) {
                scalarsAsText(object);
                return object;
            }
            throw new BadSetting(place + ": expected keys and values, such as bind-address: 127.0.0.1:3000");
        } catch (JsonProcessingException e) {
            throw new BadSetting(
                    place + ", line " + e.getLocation().getLineNr() + ": this is no YAML, or a key stands twice");
        }
    }

    /** So that a value means the same in the file as in a flag or variable. */
    private void scalarsAsText(JsonNode tree) {
        if (tree instanceof ObjectNode object) {
            object.properties().forEach(entry -> {
                if (entry.getValue().isNumber() || entry.getValue().isBoolean()) {
                    entry.setValue(text(entry.getValue().asText()));
                }
                scalarsAsText(entry.getValue());
            });
        } else {
            tree.forEach(this::scalarsAsText);
        }
    }

    <T> T bind(ObjectNode tree, String place, Class<T> type) {
        try {
            return mapper.treeToValue(tree, type);
        } catch (UnrecognizedPropertyException e) {
            List<String> known = e.getKnownPropertyIds().stream()
                    .map(Object::toString)
                    .sorted()
                    .toList();
            throw new BadSetting(place + ": unknown key " + path(e)
                    + Nearest.of(e.getPropertyName(), known)
                            .map(near -> "; did you mean " + near + "?")
                            .orElse("; there are " + String.join(", ", known)));
        } catch (ValueInstantiationException e) {
            String reason = e.getCause() instanceof IllegalArgumentException cause ? cause.getMessage() : "not usable";
            throw new BadSetting(place + ": " + path(e) + (path(e).isEmpty() ? "" : ": ") + reason);
        } catch (JsonMappingException e) {
            throw new BadSetting(place + ": " + path(e) + ": expected " + expected(e));
        } catch (JsonProcessingException e) {
            throw new BadSetting(place + ": not usable");
        }
    }

    /** The keys that have a value, a section's as {@code section.key}. */
    static List<String> keys(ObjectNode tree) {
        return tree.properties().stream()
                .filter(entry -> !entry.getValue().isNull())
                .flatMap(entry -> entry.getValue() instanceof ObjectNode section
                        ? keys(section).stream().map(key -> entry.getKey() + "." + key)
                        : Stream.of(entry.getKey()))
                .toList();
    }

    private static String expected(JsonMappingException e) {
        if (e instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
            Class<?> target = mismatch.getTargetType();
            if (target == Duration.class) {
                return "a duration such as 15s, 10m, 12h or 30d";
            }
            if (target == Boolean.class || target == boolean.class) {
                return "true or false";
            }
            if (Number.class.isAssignableFrom(target) || target.isPrimitive()) {
                return "a whole number";
            }
            if (Collection.class.isAssignableFrom(target)) {
                return "a list";
            }
        }
        return "a value of another kind";
    }

    private static String path(JsonMappingException e) {
        return e.getPath().stream()
                .map(part -> part.getFieldName() == null ? "[" + part.getIndex() + "]" : part.getFieldName())
                .collect(Collectors.joining("."))
                .replace(".[", "[");
    }

    JsonNode text(String value) {
        return mapper.getNodeFactory().textNode(value);
    }

    ArrayNode list() {
        return mapper.createArrayNode();
    }

    private static final class DurationDeserializer extends StdDeserializer<Duration> {
        private static final long serialVersionUID = 1L;

        private DurationDeserializer() {
            super(Duration.class);
        }

        @Override
        public Duration deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            return Times.parseDuration(parser.getText())
                    .orElseThrow(() -> MismatchedInputException.from(parser, Duration.class, "no duration"));
        }
    }
}

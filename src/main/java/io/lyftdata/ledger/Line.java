package io.lyftdata.ledger;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.lyftdata.api.Times;
import io.lyftdata.crypto.Digests;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An entry as a line of the file.
 *
 * @param entry empty when a later version wrote it, with a topic or word that this one does not know
 * @param previous the hash that it continues from
 * @param text without the line end, ASCII
 */
record Line(Position position, Optional<Entry> entry, String previous, String text) {
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
    private static final String SEAL = "hash";

    /** The line that continues from there. */
    static Line after(Position last, Entry entry) {
        String body = body(entry, last.hash());
        String hash = Digests.sha256Hex(body);
        return new Line(
                new Position(entry.sequence(), hash),
                Optional.of(entry),
                last.hash(),
                new Sealed(body, hash).text(SEAL));
    }

    /** Empty when it is no line that {@link #after} made. */
    static Optional<Line> parse(String text) {
        return Sealed.parse(text, SEAL)
                .filter(parts -> parts.seal().equals(Digests.sha256Hex(parts.body())))
                .flatMap(parts -> read(parts, text));
    }

    private static String body(Entry entry, String previous) {
        StringWriter text = new StringWriter(256);
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeNumberField("sequence", entry.sequence());
            json.writeStringField("time", Times.format(entry.time()));
            json.writeStringField("topic", entry.change().topic().tag());
            json.writeStringField("subject", entry.change().subject());
            json.writeStringField("what", entry.change().what());
            if (!entry.change().facts().isEmpty()) {
                json.writeObjectFieldStart("facts");
                for (Map.Entry<String, String> fact :
                        new TreeMap<>(entry.change().facts()).entrySet()) {
                    json.writeStringField(fact.getKey(), fact.getValue());
                }
                json.writeEndObject();
            }
            json.writeStringField("previous", previous);
            json.flush();
            return text.toString();
        } catch (IOException e) {
            throw new UncheckedIOException("text does not turn into JSON", e);
        }
    }

    private static Optional<Line> read(Sealed parts, String text) {
        Map<String, String> fields = new HashMap<>();
        Map<String, String> facts = new HashMap<>();
        try (JsonParser json = JSON.createParser(text)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                if (json.nextToken() == JsonToken.START_OBJECT) {
                    readFacts(json, facts);
                } else {
                    fields.put(json.currentName(), json.getText());
                }
            }
            long sequence = Long.parseLong(fields.get("sequence"));
            Optional<Entry> entry = Topic.of(fields.get("topic"))
                    .filter(topic -> topic.allows(fields.get("what")))
                    .map(topic -> new Entry(
                            sequence,
                            Times.parse(fields.get("time")).orElseThrow(),
                            new Change(topic, fields.get("subject"), fields.get("what"), facts)));
            return Optional.of(new Line(new Position(sequence, parts.seal()), entry, fields.get("previous"), text));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private static void readFacts(JsonParser json, Map<String, String> facts) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            facts.put(name, json.nextTextValue());
        }
    }
}

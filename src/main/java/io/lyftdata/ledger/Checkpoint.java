package io.lyftdata.ledger;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lyftdata.crypto.SigningKey;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The first line of the file, signed: whose it is, where its chain continues from, and which older entries it carries.
 *
 * @param from where the chain continues from
 * @param carried how many lines behind it are older entries that still count
 * @param fold over the hashes of those lines, so that none can be changed, added or left out
 */
record Checkpoint(String installation, Position from, long carried, String fold) {
    private static final JsonFactory JSON = new JsonFactory();
    private static final String SEAL = "signature";
    private static final String PURPOSE = "lyftdata-ledger-checkpoint-v1";

    /** With nothing carried. */
    static Checkpoint at(String installation, Position from) {
        return new Checkpoint(installation, from, 0, from.hash());
    }

    String line(SigningKey key) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("purpose", PURPOSE);
            json.writeStringField("installation", installation);
            json.writeNumberField("sequence", from.sequence());
            json.writeStringField("hash", from.hash());
            json.writeNumberField("carried", carried);
            json.writeStringField("fold", fold);
            json.flush();
            String body = text.toString();
            return new Sealed(body, key.sign(bytes(body))).text(SEAL);
        } catch (IOException e) {
            throw new UncheckedIOException("text does not turn into JSON", e);
        }
    }

    /** Empty when it is no checkpoint that the key signed. */
    static Optional<Checkpoint> parse(String line, SigningKey key) {
        return Sealed.parse(line, SEAL)
                .filter(parts -> key.signed(bytes(parts.body()), parts.seal()))
                .flatMap(parts -> read(line));
    }

    private static Optional<Checkpoint> read(String line) {
        Map<String, String> fields = new HashMap<>();
        try (JsonParser json = JSON.createParser(line)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                fields.put(json.currentName(), json.nextToken().isScalarValue() ? json.getText() : null);
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return PURPOSE.equals(fields.get("purpose"))
                ? Optional.of(new Checkpoint(
                        fields.get("installation"),
                        new Position(Long.parseLong(fields.get("sequence")), fields.get("hash")),
                        Long.parseLong(fields.get("carried")),
                        fields.get("fold")))
                : Optional.empty();
    }

    private static byte[] bytes(String body) {
        return body.getBytes(StandardCharsets.US_ASCII);
    }
}

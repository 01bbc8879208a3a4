package io.lyftdata.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.lyftdata.client.Json;
import io.lyftdata.crypto.Identity;
import io.lyftdata.crypto.SigningKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Two lines of JSON: a body, and the signature over the body's bytes with the key that made it. Whose key it is must be
 * known from elsewhere.
 *
 * @param body one line, without its end
 */
public record Signed(String body, Seal seal) {
    /** Ed25519; key and signature in base64. */
    public record Seal(String publicKey, String signature) {}

    /** The record as JSON, signed. */
    public static Signed of(Object content, SigningKey key) {
        try {
            String body = Json.MAPPER.writeValueAsString(content);
            return new Signed(body, new Seal(key.publicKey(), key.sign(bytes(body))));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a record that is no JSON", e);
        }
    }

    /** @throws BadBackup when it is not two lines of the right shape, or the signature is not of that key */
    public static Signed parse(String text) {
        String[] lines = text.split("\n", -1);
        if (lines.length == 3 && lines[2].isEmpty()) {
            try {
                Seal seal = Json.MAPPER.readValue(lines[1], Seal.class);
                if (seal != null && Identity.verify(seal.publicKey(), bytes(lines[0]), seal.signature())) {
                    return new Signed(lines[0], seal);
                }
            } catch (IOException e) {
                // Falls through: it is none.
            }
        }
        throw new BadBackup("its manifest is damaged or not signed");
    }

    /** {@code sha256:<hex>} of the key that signed. */
    public String signer() {
        return Identity.fingerprint(seal.publicKey());
    }

    public <T> T content(Class<T> type) {
        try {
            T content = Json.MAPPER.readValue(body, type);
            if (content != null) {
                return content;
            }
        } catch (IOException e) {
            // Falls through: it is none.
        }
        throw new BadBackup("its manifest is not one that this version understands");
    }

    public String text() {
        try {
            return body + "\n" + Json.MAPPER.writeValueAsString(seal) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a seal that is no JSON", e);
        }
    }

    private static byte[] bytes(String body) {
        return body.getBytes(StandardCharsets.UTF_8);
    }
}

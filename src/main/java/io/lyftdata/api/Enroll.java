package io.lyftdata.api;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** {@code POST /api/enroll}: a new worker joins by the shared secret, with a key and identity made at the worker. */
public final class Enroll {
    public static final String PATH = "/api/enroll";

    private Enroll() {}

    /**
     * @param name the worker's name; lower-cased it is the id
     * @param labels the labels that count from now on
     * @param keyId public id of the worker's first key: 32 lower-case hex digits
     * @param keyHash SHA-256 of the whole key string, 64 lower-case hex digits
     * @param identityKey Ed25519 public key, SubjectPublicKeyInfo (RFC 8410) in base64
     * @param time the worker's clock, epoch milliseconds
     * @param signature Ed25519 over {@link #signedBytes()}, base64
     */
    public record Request(
            String name,
            Map<String, String> labels,
            String keyId,
            String keyHash,
            String identityKey,
            long time,
            String signature) {

        /** The bytes under the signature: fields joined by LF; labels sorted, {@code key=value} joined by commas. */
        public byte[] signedBytes() {
            String flat = labels == null
                    ? ""
                    : new TreeMap<>(labels)
                            .entrySet().stream()
                                    .map(label -> label.getKey() + "=" + label.getValue())
                                    .collect(Collectors.joining(","));
            return String.join(
                            "\n",
                            "lyftdata-enroll-v1",
                            "POST",
                            PATH,
                            String.valueOf(name),
                            flat,
                            String.valueOf(keyId),
                            String.valueOf(keyHash),
                            String.valueOf(identityKey),
                            Long.toString(time))
                    .getBytes(StandardCharsets.UTF_8);
        }

        public Request signed(String newSignature) {
            return new Request(name, labels, keyId, keyHash, identityKey, time, newSignature);
        }
    }

    /**
     * @param workerId the id under which the worker is known from now on
     * @param installation the server's installation id
     */
    public record Answer(String workerId, String installation) {}
}

package io.lyftdata.api;

import java.nio.charset.StandardCharsets;

/** {@code PUT /api/worker/key}: the worker registers a key that it made itself and already has on disk. */
public final class WorkerKey {
    public static final String PATH = "/api/worker/key";

    private WorkerKey() {}

    /**
     * @param keyId public id of the new key: 32 lower-case hex digits
     * @param keyHash SHA-256 of the whole key string, 64 lower-case hex digits
     * @param identityKey the worker's Ed25519 public key, SubjectPublicKeyInfo in base64
     * @param time the worker's clock, epoch milliseconds
     * @param signature Ed25519 by the identity key over {@link #signedBytes(String)}, base64
     */
    public record Request(String keyId, String keyHash, String identityKey, long time, String signature) {

        /** The bytes under the signature, joined by LF; the worker's id is the one its present key belongs to. */
        public byte[] signedBytes(String workerId) {
            return String.join(
                            "\n",
                            "lyftdata-key-v1",
                            "PUT",
                            PATH,
                            workerId,
                            String.valueOf(keyId),
                            String.valueOf(keyHash),
                            String.valueOf(identityKey),
                            Long.toString(time))
                    .getBytes(StandardCharsets.UTF_8);
        }

        public Request signed(String newSignature) {
            return new Request(keyId, keyHash, identityKey, time, newSignature);
        }
    }

    /**
     * @param workerId whose key it is
     * @param keyId the key that the next call is to use
     * @param installation the server's installation id
     */
    public record Answer(String workerId, String keyId, String installation) {}
}

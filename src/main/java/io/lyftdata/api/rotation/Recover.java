package io.lyftdata.api.rotation;

import java.nio.charset.StandardCharsets;

/** {@code POST /api/worker/recover}: a worker whose key is refused proves who it is and registers another one. */
public final class Recover {
    public static final String PATH = "/api/worker/recover";

    private Recover() {}

    /**
     * @param keyId public id of the new key: 32 lower-case hex digits
     * @param keyHash SHA-256 of the whole key string, 64 lower-case hex digits
     * @param time the worker's clock, epoch milliseconds
     * @param nonce 32 lower-case hex digits, never used twice
     * @param signature Ed25519 by the worker's identity key over {@link #signedBytes(String)}, base64
     */
    public record Request(String workerId, String keyId, String keyHash, long time, String nonce, String signature) {

        /**
         * The bytes under the signature, joined by LF.
         *
         * @param installation the server's; a refusal names it
         */
        public byte[] signedBytes(String installation) {
            return String.join(
                            "\n",
                            "lyftdata-recover-v1",
                            "POST",
                            PATH,
                            installation,
                            String.valueOf(workerId),
                            String.valueOf(keyId),
                            String.valueOf(keyHash),
                            Long.toString(time),
                            String.valueOf(nonce))
                    .getBytes(StandardCharsets.UTF_8);
        }

        public Request signed(String newSignature) {
            return new Request(workerId, keyId, keyHash, time, nonce, newSignature);
        }
    }
}

package io.lyftdata.api.audit;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * Where the chain begins after its older records were exported and deleted.
 *
 * @param segment the run of records that the last deleted one belonged to
 * @param position of the last deleted record
 * @param hash of that record, on which the first one left stands
 * @param time when it was made, to the millisecond
 * @param signature Ed25519 over {@link #signedBytes(String)}, base64
 */
public record Checkpoint(String segment, long position, String hash, Instant time, String signature) {
    /** The bytes under the signature: purpose and fields joined by LF. */
    public byte[] signedBytes(String installation) {
        return String.join(
                        "\n",
                        "lyftdata-audit-checkpoint-v1",
                        installation,
                        segment,
                        Long.toString(position),
                        hash,
                        Long.toString(time.toEpochMilli()))
                .getBytes(StandardCharsets.UTF_8);
    }
}

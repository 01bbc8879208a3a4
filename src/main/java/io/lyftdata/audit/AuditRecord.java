package io.lyftdata.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.lyftdata.api.Times;
import io.lyftdata.crypto.Digests;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * One link of the chain.
 *
 * @param position 1 for the first, without gaps
 * @param segment the run of records that this database began; another begins when a backup is restored elsewhere
 * @param actorKind what the actor proved itself by
 * @param actor public id or name of who did it
 * @param keyId public id of the key, token or session used; empty for none
 * @param address where from; empty for what did not come over the network
 * @param proxy the trusted proxy in between; empty for none
 * @param requestId empty for what no request asked for
 * @param difference JSON object
 * @param ledger the ledger's entry that belongs to it; null for none
 * @param previous hash of the record before
 * @param hash SHA-256, in lower-case hex, of {@link #line()} without its last member
 */
public record AuditRecord(
        long position,
        String segment,
        Instant time,
        String action,
        String actorKind,
        String actor,
        String keyId,
        String address,
        String proxy,
        String requestId,
        String subject,
        String difference,
        String outcome,
        long count,
        Long ledger,
        String previous,
        String hash) {
    private static final JsonFactory JSON = new JsonFactory();

    /** The same with the hash that its fields have. */
    AuditRecord sealed() {
        return new AuditRecord(
                position,
                segment,
                time,
                action,
                actorKind,
                actor,
                keyId,
                address,
                proxy,
                requestId,
                subject,
                difference,
                outcome,
                count,
                ledger,
                previous,
                computedHash());
    }

    /** Whether it tells of what was refused, and not of what was done. */
    public boolean isRefusal() {
        return !outcome.equals(Event.DONE) && !outcome.equals(Event.REPLAYED);
    }

    /** The hash that its fields have now. */
    public String computedHash() {
        return Digests.sha256Hex(json(false));
    }

    /**
     * The record as one line of JSON, without the line's end. {@code jq -cj 'del(.hash)' | sha256sum} gives its hash.
     */
    public String line() {
        return new String(json(true), StandardCharsets.UTF_8);
    }

    private byte[] json(boolean withHash) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(640);
        try (JsonGenerator out = JSON.createGenerator(bytes)) {
            out.writeStartObject();
            out.writeNumberField("position", position);
            out.writeStringField("segment", segment);
            out.writeStringField("time", Times.format(time));
            out.writeStringField("action", action);
            out.writeStringField("actorKind", actorKind);
            out.writeStringField("actor", actor);
            out.writeStringField("keyId", keyId);
            out.writeStringField("address", address);
            out.writeStringField("proxy", proxy);
            out.writeStringField("requestId", requestId);
            out.writeStringField("subject", subject);
            out.writeFieldName("difference");
            out.writeRawValue(difference);
            out.writeStringField("outcome", outcome);
            out.writeNumberField("count", count);
            if (ledger != null) {
                out.writeNumberField("ledger", ledger);
            }
            out.writeStringField("previous", previous);
            if (withHash) {
                out.writeStringField("hash", hash);
            }
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}

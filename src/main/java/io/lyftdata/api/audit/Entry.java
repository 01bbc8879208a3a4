package io.lyftdata.api.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Map;

/**
 * One record of the audit log, as {@code GET /api/audit} lists it.
 *
 * @param position 1 for the first, without gaps
 * @param segment the run of records that one database began
 * @param actorKind what the actor proved itself by
 * @param actor public id or name of who did it
 * @param keyId public id of the key, token or session used; empty for none
 * @param address where from; empty for what did not come over the network
 * @param proxy the trusted proxy in between; empty for none
 * @param difference what is different now, by field
 * @param outcome {@code done}, {@code replayed}, or the code of the refusal
 * @param count how many alike it stands for
 * @param ledger the ledger's entry that belongs to it; null for none
 * @param previous hash of the record before
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Entry(
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
        Map<String, Change> difference,
        String outcome,
        long count,
        Long ledger,
        String previous,
        String hash) {

    /** One field's value before and after; null where there is none. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Change(Object before, Object after) {}
}

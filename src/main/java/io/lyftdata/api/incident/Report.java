package io.lyftdata.api.incident;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What is known of an incident at one time. Members are only ever added to it.
 *
 * @param schema of this record: 1
 * @param installation id
 * @param product version of the server
 * @param incident with its steps and its timeline
 * @param scope who and what is impacted
 * @param controls what was ordered, and how long it took until it was in effect
 * @param changes what changed since the incident may have begun, oldest first
 * @param refused attempts since then, by address, the most first
 * @param open what is still to be done, each a sentence
 */
public record Report(
        int schema,
        String installation,
        String product,
        Instant createdAt,
        Incidents.View incident,
        Scope scope,
        List<Control> controls,
        List<Change> changes,
        List<Address> refused,
        List<String> open) {
    public static final int SCHEMA = 1;

    /**
     * @param secrets public ids of enrollment secrets and bootstrap keys by which the workers joined, and how many by each
     * @param addresses from which the workers joined or were last seen, and how many from each
     */
    public record Scope(List<Worker> workers, Map<String, Long> secrets, Map<String, Long> addresses) {}

    /**
     * @param lastRequestAt when its last call was accepted; null: none is known
     * @param keys all that are remembered
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Worker(
            String id,
            String state,
            Map<String, String> labels,
            String admittedBy,
            String admittedFrom,
            String address,
            Instant lastRequestAt,
            Instant isolatedAt,
            List<Key> keys) {}

    /** @param id public */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Key(String id, String kind, String state, Instant createdAt, Instant revokedAt) {}

    /**
     * @param state of the step
     * @param effectMillis from the order until it was in effect; null: it is not
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Control(String name, String state, Instant orderedAt, Long effectMillis, String said) {}

    /**
     * Audit records that belong together: of one call and action, or of what workers do by themselves.
     *
     * @param by kind and name of who did it, as in {@code user ann}; {@code workers} for all of them
     * @param count how many records
     * @param subjects the first few
     * @param difference of the one record; null for more
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Change(
            Instant at,
            Instant until,
            String by,
            String address,
            String action,
            long count,
            List<String> subjects,
            JsonNode difference) {}

    /**
     * @param address empty: further addresses
     * @param codes how many of each
     */
    public record Address(String address, long attempts, Instant first, Instant last, Map<String, Long> codes) {}

    /**
     * {@code GET /api/incidents/{id}/report}: the report in two forms, and what vouches for them.
     *
     * @param json the report, whose bytes (UTF-8) are signed
     * @param markdown the same for people
     * @param sums lines: a purpose, the installation, the incident, and SHA-256 and name of both forms
     * @param signature base64 of the Ed25519 signature over the bytes of {@code sums} by {@code signing.key}
     * @param publicKey SubjectPublicKeyInfo in base64
     */
    public record Signed(String json, String markdown, String sums, String signature, String publicKey) {
        public static final String PURPOSE = "lyftdata-incident-report-v1";
    }
}

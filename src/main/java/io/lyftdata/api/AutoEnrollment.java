package io.lyftdata.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** {@code /api/workers/auto-enrollment}. */
public final class AutoEnrollment {
    private AutoEnrollment() {}

    /**
     * Who may join by a secret, how often and until when.
     *
     * @param expiresInSeconds after which it is switched off; 0: never
     * @param limit after how many workers it is switched off; 0: none
     * @param sources addresses or networks that workers join from; empty: any
     * @param labels those that a worker must have; empty: none
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Terms(Long expiresInSeconds, Long limit, List<String> sources, Map<String, String> labels) {
        /** The same as before, or no conditions where there was no secret before. */
        public static final Terms SAME = new Terms(null, null, null, null);
    }

    /**
     * @param enabled whether workers may join; true without a secret makes a new one
     * @param enrollmentSecret write-only, at least 32 characters; null: the server makes one
     * @param overlapSeconds for how long the former secret is accepted beside the new one; null: not at all
     * @param terms what is left out stays as it was with the former secret; null: all of it
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Change(
            Boolean enabled,
            @JsonProperty("enrollment_secret") String enrollmentSecret,
            Long overlapSeconds,
            Terms terms) {
        public Change(Boolean enabled, String enrollmentSecret) {
            this(enabled, enrollmentSecret, null, null);
        }

        @Override
        public String toString() {
            return "AutoEnrollment.Change[enabled=" + enabled + ", enrollmentSecret=[redacted]]";
        }
    }

    /** A secret that was rotated away and is accepted until then. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Former(String secretId, Instant until, long admitted, Instant lastUsedAt, String lastUsedBy) {}

    /**
     * @param secretId public id of the secret in force
     * @param expiresAt when it is switched off
     * @param limit after how many workers it is switched off
     * @param former the one that it replaces, while that is still accepted
     * @param enrollmentSecret only in the answer to the change that made it
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record View(
            boolean enabled,
            String secretId,
            Instant createdAt,
            String createdBy,
            Long admitted,
            Instant lastUsedAt,
            String lastUsedBy,
            Instant expiresAt,
            Long limit,
            List<String> sources,
            Map<String, String> labels,
            Former former,
            @JsonProperty("enrollment_secret") String enrollmentSecret) {
        public static final View OFF =
                new View(false, null, null, null, null, null, null, null, null, null, null, null, null);

        @Override
        public String toString() {
            return "AutoEnrollment.View[enabled=" + enabled + ", secretId=" + secretId + "]";
        }
    }
}

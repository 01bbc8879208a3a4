package io.lyftdata.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;

/** {@code /api/workers/auto-enrollment}. */
public final class AutoEnrollment {
    private AutoEnrollment() {}

    /**
     * @param enabled whether workers may join; true without a secret makes a new one
     * @param enrollmentSecret write-only, at least 32 characters; null: the server makes one
     */
    public record Change(
            Boolean enabled,
            @JsonProperty("enrollment_secret") String enrollmentSecret) {
        @Override
        public String toString() {
            return "AutoEnrollment.Change[enabled=" + enabled + ", enrollmentSecret=[redacted]]";
        }
    }

    /**
     * @param secretId public id of the secret in force
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
            @JsonProperty("enrollment_secret") String enrollmentSecret) {
        @Override
        public String toString() {
            return "AutoEnrollment.View[enabled=" + enabled + ", secretId=" + secretId + "]";
        }
    }
}

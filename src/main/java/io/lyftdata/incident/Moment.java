package io.lyftdata.incident;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.lyftdata.api.incident.Incidents.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Something that happened in an incident: one line of its file.
 *
 * @param by kind and name of who did it, as in {@code user ann}
 * @param step null for the incident as a whole
 * @param said one sentence for people; null for none
 * @param facts with {@link What#BEGUN} what was there before, with the others what came of it; never a secret
 * @param opening only with {@link What#OPENED}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Moment(
        Instant at, String by, What what, String step, String said, Map<String, Object> facts, Opening opening) {
    /** What became of the incident, or of the step. */
    public enum What {
        OPENED,
        BEGUN,
        WAITING,
        DONE,
        FAILED,
        SKIPPED,
        CLOSED;

        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What an incident was opened with.
     *
     * @param workers those that the scope named then
     * @param since when it may have begun
     * @param rotatesSecret whether there is to be an enrollment secret afterwards
     * @param replacesAuthority whether the authority is replaced, not only the certificate
     * @param certificate fingerprint of what the server served then
     * @param steps in their order, by name
     */
    public record Opening(
            String reason,
            Scope scope,
            List<String> workers,
            Instant since,
            boolean rotatesSecret,
            boolean replacesAuthority,
            String certificate,
            List<String> steps) {}
}

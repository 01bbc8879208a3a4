package io.lyftdata.api.incident;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** {@code /api/incidents}. */
public final class Incidents {
    public static final String PATH = "/api/incidents";

    private Incidents() {}

    /**
     * Which workers are impacted: exactly one of these.
     *
     * @param workers ids, at least one
     * @param label one label; those that have it or ever had it
     * @param admittedBy public id of an enrollment secret or bootstrap key
     * @param key public id of a key; the worker whose it is or was
     * @param all true: every worker
     * @param none true: no worker is; the incident is about accounts or the server itself
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Scope(
            List<String> workers, Map<String, String> label, String admittedBy, String key, Boolean all, Boolean none) {
        /** What stands here may be a secret that somebody took for its id. */
        @Override
        public String toString() {
            return "Scope[workers=" + workers + ", label=" + label + ", all=" + all + ", none=" + none + "]";
        }
    }

    /**
     * @param reason for people, up to 160 characters on one line
     * @param since when it may have begun: the backup that is offered is from before it; null: now
     * @param enrollment {@code disable} (also for null) or {@code rotate} the shared secret
     * @param ca true: the authority's key may have leaked, so the authority is replaced, not only its certificate
     * @param preview true: nothing is opened, and the answer says what would be
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Open(String reason, Scope scope, Instant since, String enrollment, Boolean ca, Boolean preview) {}

    /**
     * @param step only this one; null: every step that is left, in order
     * @param preview true: nothing is done, and the answer says what would be
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Run(String step, Boolean preview) {}

    /** @param reason for people, up to 160 characters on one line */
    public record Skip(String step, String reason) {}

    /** @param note cause and scope as found, for people, up to 160 characters on one line */
    public record Close(String note) {}

    /**
     * @param state {@code due}, {@code begun} (and not ended: a crash cut it off, or it runs), {@code waiting} for
     *     something else, {@code failed}, {@code done} or {@code skipped}
     * @param said what came of it, or what it would do now
     * @param begunAt when it was ordered
     * @param endedAt when it was done or skipped, or has failed
     * @param effectMillis from the order until it was in effect
     * @param facts what came of it, for programs; never a secret
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Step(
            String name,
            String state,
            String said,
            Instant begunAt,
            Instant endedAt,
            Long effectMillis,
            Map<String, Object> facts) {}

    /**
     * One line of the timeline.
     *
     * @param what {@code opened}, {@code begun}, {@code done}, {@code failed}, {@code waiting}, {@code skipped} or
     *     {@code closed}
     * @param by kind and name of who did it, as in {@code user ann}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Moment(Instant at, String by, String what, String step, String said) {}

    /**
     * @param id null when it is only a preview
     * @param state {@code open} or {@code closed}
     * @param workers how many the scope named when it was opened
     * @param timeline only in the answer about one incident
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record View(
            String id,
            String state,
            String reason,
            Scope scope,
            long workers,
            Instant since,
            Instant openedAt,
            String openedBy,
            Instant closedAt,
            String note,
            List<Step> steps,
            List<Moment> timeline) {}

    /** @param enrollmentSecret the new one, shown this once; null when none was made */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Ran(
            View incident,
            @JsonProperty("enrollment_secret") String enrollmentSecret) {
        @Override
        public String toString() {
            return "Ran[incident=" + incident.id() + "]";
        }
    }
}

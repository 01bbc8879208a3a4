package io.lyftdata.incident;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.auth.Caller;
import io.lyftdata.http.ProblemMapper;
import io.lyftdata.incident.Moment.What;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does steps, and writes down what happens: first in the audit log, so that nothing happens without a record, then in
 * the incident's file. A step is there before it begins and after it has ended.
 */
final class Journal {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

    private final IncidentFiles files;
    private final Audit audit;
    private final Clock clock;

    Journal(IncidentFiles files, Audit audit, Clock clock) {
        this.files = files;
        this.audit = audit;
        this.clock = clock;
    }

    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    void open(Caller caller, Incident incident) {
        Moment.Opening opening = incident.opening();
        audit.record(
                caller,
                Event.of(Action.INCIDENT_OPENED, incident.id())
                        .set("reason", opening.reason())
                        .set("workers", opening.workers().size())
                        .set("since", opening.since()));
        files.begin(incident);
        LOG.info(
                "{} opened incident {} about {} workers",
                caller.id(),
                incident.id(),
                opening.workers().size());
    }

    Incident close(Caller caller, Incident incident, String note) {
        audit.record(caller, Event.of(Action.INCIDENT_CLOSED, incident.id()).set("note", note));
        LOG.info("{} closed incident {}", caller.id(), incident.id());
        return files.append(incident.id(), moment(caller, What.CLOSED, null, note, null));
    }

    Incident skip(Caller caller, Incident incident, String step, String reason) {
        return note(caller, incident, moment(caller, What.SKIPPED, step, reason, null));
    }

    /** Answers what is told once and written down nowhere. */
    Optional<String> run(Caller caller, Incident incident, Step step) {
        Incident begun = begin(caller, incident, step);
        Moment order = begun.begun(step.name()).orElseThrow();
        Step.Outcome outcome;
        try {
            outcome = step.act().apply(new Step.Turn(caller, begun, order.at(), order.facts()));
        } catch (RuntimeException e) {
            fail(caller, begun, step, e);
            return Optional.empty();
        }
        if (!isSaidAlready(begun, step, outcome)) {
            note(caller, begun, moment(caller, outcome.what(), step.name(), outcome.said(), facts(order, outcome)));
        }
        return Optional.ofNullable(outcome.enrollmentSecret());
    }

    /** On disk before anything is done; one that waits was begun already. */
    private Incident begin(Caller caller, Incident incident, Step step) {
        Optional<Moment> last = incident.last(step.name());
        if (last.filter(moment -> moment.what() == What.WAITING).isPresent()) {
            return incident;
        }
        Map<String, Object> before = last.isPresent() ? null : step.before().apply(incident);
        return note(caller, incident, moment(caller, What.BEGUN, step.name(), null, before));
    }

    /** Ours to mend, or the operator's: either way it is tried again by the next run. */
    private void fail(Caller caller, Incident incident, Step step, RuntimeException e) {
        Refusal refusal = ProblemMapper.refusal(e);
        String said = refusal.code() == Code.INTERNAL_ERROR
                ? "it failed within the server, whose log says why; run it again"
                : refusal.detail();
        note(caller, incident, moment(caller, What.FAILED, step.name(), said, null));
    }

    private static boolean isSaidAlready(Incident incident, Step step, Step.Outcome outcome) {
        return incident.last(step.name())
                .filter(last -> last.what() == What.WAITING && outcome.what() == What.WAITING)
                .filter(last -> outcome.said().equals(last.said()))
                .isPresent();
    }

    private Map<String, Object> facts(Moment order, Step.Outcome outcome) {
        if (outcome.what() != What.DONE) {
            return outcome.facts();
        }
        Duration effect = outcome.effect() == null ? Duration.between(order.at(), now()) : outcome.effect();
        Map<String, Object> facts = new LinkedHashMap<>(outcome.facts());
        facts.put(Incident.EFFECT_MILLIS, Math.max(0, effect.toMillis()));
        return facts;
    }

    private Moment moment(Caller caller, What what, String step, String said, Map<String, Object> facts) {
        return new Moment(now(), by(caller), what, step, said, facts, null);
    }

    private Incident note(Caller caller, Incident incident, Moment moment) {
        Event event = Event.of(Action.INCIDENT_STEP, incident.id())
                .set("step", moment.step())
                .set("state", moment.what().wire());
        audit.record(caller, moment.said() == null ? event : event.set("said", moment.said()));
        LOG.info(
                "incident {}: {} {}",
                incident.id(),
                moment.step(),
                moment.what().wire());
        return files.append(incident.id(), moment);
    }

    static String by(Caller caller) {
        return caller.kind().name().toLowerCase(Locale.ROOT) + " " + caller.id();
    }
}

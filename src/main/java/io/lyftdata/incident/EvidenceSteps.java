package io.lyftdata.incident;

import io.lyftdata.evidence.Collected;
import io.lyftdata.evidence.Evidence;
import io.lyftdata.evidence.Window;
import io.lyftdata.incident.Step.Outcome;
import io.lyftdata.incident.Step.Turn;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is kept for those who look into it later. */
public final class EvidenceSteps {
    private static final Logger LOG = LoggerFactory.getLogger(EvidenceSteps.class);

    private static final String NO_RECIPIENT = "nobody could open the evidence: put the public part, age1…, of a key of"
            + " age-keygen under backup.recipients in the configuration, restart, and run this step alone";

    private final Evidence evidence;

    public EvidenceSteps(Evidence evidence) {
        this.evidence = evidence;
    }

    /** Keeps what only the beginning knows; an incident is opened even where that cannot be done. */
    void begin(Incident incident) {
        try {
            evidence.keepPosture(incident.id());
        } catch (RuntimeException e) {
            LOG.warn("the posture before incident {} could not be kept", incident.id(), e);
        }
    }

    List<Step> steps() {
        return List.of(new Step("evidence", this::plan, this::collect).last());
    }

    private String plan(Incident incident) {
        return evidence.hasRecipients()
                ? "collects records, settings, posture, workers and logs since "
                        + incident.opening().since() + " into one sealed archive"
                : "is left out: " + NO_RECIPIENT;
    }

    private Outcome collect(Turn turn) {
        if (!evidence.hasRecipients()) {
            return Outcome.skipped(NO_RECIPIENT);
        }
        Incident incident = turn.incident();
        Collected collected = evidence.collect(
                turn.caller(), new Window(incident.id(), incident.opening().since()));
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("file", collected.file());
        facts.put("size", collected.size());
        facts.put("sha256", collected.sha256());
        facts.put("members", collected.members());
        facts.put("missing", collected.missing());
        return Outcome.done("collected into incident/" + collected.file() + " in the staging directory", facts);
    }
}

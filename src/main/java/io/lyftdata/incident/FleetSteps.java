package io.lyftdata.incident;

import io.lyftdata.fleet.Reach;
import io.lyftdata.incident.Step.Outcome;
import io.lyftdata.incident.Step.Turn;
import io.lyftdata.worker.Isolation;
import io.lyftdata.worker.Isolation.Target;
import io.lyftdata.worker.Sentence;
import io.lyftdata.worker.Workers;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What is done about the workers. */
public final class FleetSteps {
    private static final int MOST_NAMES = 5;

    private final Workers workers;
    private final Isolation isolation;
    private final Reach reach;

    public FleetSteps(Workers workers, Isolation isolation, Reach reach) {
        this.workers = workers;
        this.isolation = isolation;
        this.reach = reach;
    }

    List<Step> steps() {
        return List.of(new Step("isolate", this::whom, this::isolate));
    }

    private String whom(Incident incident) {
        List<Target> targets = reach.of(incident.opening().scope());
        return targets.isEmpty() ? "isolates nobody: no worker is impacted" : "isolates " + named(targets);
    }

    /** One that is isolated already stays so, for the first reason. */
    private Outcome isolate(Turn turn) {
        List<Target> targets = reach.of(turn.incident().opening().scope());
        int changed = isolation
                .isolate(turn.caller(), targets, sentence(turn.incident()))
                .size();
        Map<String, Instant> last = new TreeMap<>();
        workers.all(targets.stream().map(Target::id).collect(Collectors.toSet())).stream()
                .filter(view -> view.lastRequestAt() != null)
                .forEach(view -> last.put(view.id(), view.lastRequestAt()));
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("workers", targets.size());
        facts.put("changed", changed);
        facts.put("lastRequests", last);
        return Outcome.done(
                targets.isEmpty()
                        ? "no worker is impacted"
                        : named(targets) + " shut out: nothing of theirs is accepted",
                facts);
    }

    /** As it stands in the audit log and at each of them. */
    static Sentence sentence(Incident incident) {
        return sentence(incident.id(), incident.opening().reason());
    }

    static Sentence sentence(String id, String reason) {
        return new Sentence("incident " + id + ": " + reason, null);
    }

    private static String named(List<Target> targets) {
        String names = targets.stream().limit(MOST_NAMES).map(Target::id).collect(Collectors.joining(", "));
        return targets.size() == 1
                ? "worker " + names
                : targets.size() + " workers (" + names + (targets.size() > MOST_NAMES ? ", …)" : ")");
    }
}

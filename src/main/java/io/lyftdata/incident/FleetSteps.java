package io.lyftdata.incident;

import io.lyftdata.api.Page;
import io.lyftdata.api.rotation.Rotation.Left;
import io.lyftdata.api.rotation.Rotation.Progress;
import io.lyftdata.api.rotation.Rotation.Wish;
import io.lyftdata.db.Paging;
import io.lyftdata.fleet.Reach;
import io.lyftdata.incident.Step.Outcome;
import io.lyftdata.incident.Step.Turn;
import io.lyftdata.rotation.Keyring;
import io.lyftdata.worker.Isolation;
import io.lyftdata.worker.Isolation.Target;
import io.lyftdata.worker.Sentence;
import io.lyftdata.worker.Workers;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What is done about the workers. */
public final class FleetSteps {
    private static final String WORKER_KEYS = "worker-keys";
    private static final int MOST_NAMES = 5;
    /** Several times what 10,000 workers need; a worker that misses it comes back by its identity. */
    private static final String DEADLINE = "10m";
    /** They renew their keys once they are back. */
    private static final Set<String> UNREACHABLE = Set.of("offline", "isolated");

    private final Workers workers;
    private final Isolation isolation;
    private final Keyring keys;
    private final Reach reach;

    public FleetSteps(Workers workers, Isolation isolation, Keyring keys, Reach reach) {
        this.workers = workers;
        this.isolation = isolation;
        this.keys = keys;
        this.reach = reach;
    }

    List<Step> steps() {
        return List.of(new Step("isolate", this::whom, this::isolate), new Step(WORKER_KEYS, this::whose, this::renew));
    }

    /** Comes after all that workers must take over. */
    Step convergence() {
        return new Step("convergence", this::awaited, this::converge);
    }

    /** To count them takes a look at each, and is for when they were told to renew. */
    private String awaited(Incident incident) {
        return "waits for the workers that can be reached"
                + (incident.begun(WORKER_KEYS).isPresent() ? ": " + left(progress()) : "");
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
                        facts)
                .after(since(turn.orderedAt(), targets));
    }

    /** Until the last of them was in the ledger, from when on nothing of theirs was accepted. */
    private Duration since(Instant order, List<Target> targets) {
        return targets.stream()
                .flatMap(target -> isolation.of(target.id()).stream())
                .map(entry -> Duration.between(order, entry.time()))
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
    }

    private String whose(Incident incident) {
        List<Target> targets = reach.of(incident.opening().scope());
        String rest = "has every other worker renew its key, without overlap, within " + DEADLINE;
        return targets.isEmpty() ? rest : "revokes the keys of " + named(targets) + ", and " + rest;
    }

    /** Keys that were made since the order are the honest workers' new ones, and stay. */
    private Outcome renew(Turn turn) {
        List<Target> targets = reach.of(turn.incident().opening().scope());
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("workers", targets.size());
        if (Boolean.TRUE.equals(turn.incident().opening().scope().all())) {
            if (!keys.all().isAllRevokedSince(turn.orderedAt())) {
                facts.put("revoked", keys.all().revokeAll(turn.caller()).keys());
            }
            return Outcome.done("every key is refused; who is let in comes back by its identity", facts);
        }
        List<String> ids = targets.stream().map(Target::id).toList();
        facts.put(
                "revoked",
                keys.all().revokeOf(turn.caller(), ids, turn.orderedAt()).keys());
        if (!keys.rotations().isOrderedSince(turn.orderedAt())) {
            Wish all = new Wish(null, null, true, DEADLINE, "0");
            facts.put(
                    "rotation",
                    keys.rotations().order(turn.caller(), all).order().number());
        }
        String rest = "all other workers renew theirs within " + DEADLINE;
        return Outcome.done("keys of " + (targets.isEmpty() ? "nobody" : named(targets)) + " refused; " + rest, facts);
    }

    private Progress progress() {
        return keys.rotations().progress(null, Paging.of(Page.MAX_LIMIT, null));
    }

    /** Before they were told to renew, every key would count as a new one. */
    private Outcome converge(Turn turn) {
        if (!turn.incident().isSettled(WORKER_KEYS)) {
            return Outcome.waiting("waits for: " + WORKER_KEYS, Map.of());
        }
        Progress progress = progress();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("workers", progress.workers());
        facts.put("confirmed", progress.confirmed());
        facts.put("left", progress.left());
        if (!UNREACHABLE.containsAll(progress.left().keySet())) {
            facts.put(Incident.BY_ITSELF, true);
            return Outcome.waiting(left(progress), facts);
        }
        Instant ordered = turn.incident().begun(WORKER_KEYS).map(Moment::at).orElse(turn.orderedAt());
        Instant last = keys.rotations().lastRenewal().filter(ordered::isBefore).orElse(ordered);
        return Outcome.done(left(progress), facts).after(Duration.between(ordered, last));
    }

    private static String left(Progress progress) {
        String left = progress.left().entrySet().stream()
                .map(some -> some.getValue() + " " + some.getKey())
                .collect(Collectors.joining(", "));
        return progress.confirmed() + " of " + progress.workers() + " workers use a new key"
                + (left.isEmpty() ? "" : "; left: " + left)
                + progress.items().stream()
                        .filter(item -> !UNREACHABLE.contains(item.why()))
                        .limit(MOST_NAMES)
                        .map(Left::workerId)
                        .collect(Collectors.joining(", ", " (", ")"))
                        .replace(" ()", "");
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

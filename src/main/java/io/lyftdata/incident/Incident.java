package io.lyftdata.incident;

import io.lyftdata.incident.Moment.Opening;
import io.lyftdata.incident.Moment.What;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What has happened so far, oldest first; all else follows from it.
 *
 * @param timeline begins with {@link What#OPENED}
 */
public record Incident(String id, List<Moment> timeline) {
    /** The fact that says how long it took from the order until it was in effect. */
    static final String EFFECT_MILLIS = "effectMillis";

    /** The fact of a step that waits for nobody's hand. */
    static final String BY_ITSELF = "byItself";

    /** The fact of a step that the server left out, for want of something. */
    static final String BY_SERVER = "byServer";

    private static final Set<What> SETTLED = Set.of(What.DONE, What.SKIPPED);
    private static final Set<What> HAD_THEIR_TURN = Set.of(What.DONE, What.SKIPPED, What.FAILED);

    public Incident {
        if (timeline.isEmpty() || timeline.get(0).opening() == null) {
            throw new IllegalArgumentException("an incident begins by being opened");
        }
        timeline = List.copyOf(timeline);
    }

    Incident then(Moment moment) {
        List<Moment> more = new ArrayList<>(timeline);
        more.add(moment);
        return new Incident(id, more);
    }

    public Opening opening() {
        return timeline.get(0).opening();
    }

    public Instant openedAt() {
        return timeline.get(0).at();
    }

    /** Empty while it is open. */
    public Optional<Moment> closing() {
        return timeline.stream().filter(moment -> moment.what() == What.CLOSED).findFirst();
    }

    /** The last that happened to the step; empty before it was begun. */
    public Optional<Moment> last(String step) {
        return of(step).reduce((first, second) -> second);
    }

    /** When the step was first begun, and what was there before it. */
    public Optional<Moment> begun(String step) {
        return of(step).filter(moment -> moment.what() == What.BEGUN).findFirst();
    }

    private Stream<Moment> of(String step) {
        return timeline.stream().filter(moment -> step.equals(moment.step()));
    }

    /** Whether nothing is left to do about the step. */
    public boolean isSettled(String step) {
        return last(step).filter(moment -> SETTLED.contains(moment.what())).isPresent();
    }

    /** Steps that are neither done nor skipped, in their order. */
    public List<String> left() {
        return opening().steps().stream().filter(step -> !isSettled(step)).toList();
    }

    /**
     * Steps before this one that have not had their turn: not run yet, cut off, or waiting for something. One that has
     * failed has had it, for nobody knows when it will be mended.
     */
    List<String> awaited(String step) {
        return opening().steps().stream()
                .takeWhile(name -> !name.equals(step))
                .filter(name -> last(name)
                        .filter(last -> HAD_THEIR_TURN.contains(last.what()))
                        .isEmpty())
                .toList();
    }

    /** Whether the server left the step out by itself, so that it may be asked for when what it lacked is there. */
    boolean isLeftOutByServer(String step) {
        return last(step)
                .filter(last -> last.what() == What.SKIPPED && last.facts() != null)
                .filter(last -> last.facts().containsKey(BY_SERVER))
                .isPresent();
    }

    /** What came of the step; empty as long as it is not done. */
    public Map<String, Object> facts(String step) {
        return last(step)
                .filter(moment -> moment.what() == What.DONE && moment.facts() != null)
                .map(Moment::facts)
                .orElse(Map.of());
    }
}

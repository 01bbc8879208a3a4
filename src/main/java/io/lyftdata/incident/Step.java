package io.lyftdata.incident;

import io.lyftdata.auth.Caller;
import io.lyftdata.incident.Moment.What;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Function;

/**
 * One step of the checklist. It may be done again, after a crash or a failure, and then does only what is left.
 *
 * @param plan what it would do now, in one sentence
 * @param before what is there before it and must be known when it is done again
 * @param isLast whether it is not done before all steps before it have had their turn: see {@link Incident#awaited}
 */
record Step(
        String name,
        Function<Incident, String> plan,
        Function<Incident, Map<String, Object>> before,
        Function<Turn, Outcome> act,
        boolean isLast) {

    Step(
            String name,
            Function<Incident, String> plan,
            Function<Incident, Map<String, Object>> before,
            Function<Turn, Outcome> act) {
        this(name, plan, before, act, false);
    }

    Step(String name, Function<Incident, String> plan, Function<Turn, Outcome> act) {
        this(name, plan, incident -> null, act, false);
    }

    /** The same that looks at what the steps before it have done. */
    Step last() {
        return new Step(name, plan, before, act, true);
    }

    /**
     * @param orderedAt when the step was first begun
     * @param before what was there then
     */
    record Turn(Caller caller, Incident incident, Instant orderedAt, Map<String, Object> before) {}

    /**
     * @param what {@link What#DONE}, {@link What#WAITING} for something else and to be run again, or {@link What#SKIPPED}
     *     for want of something
     * @param facts for programs; never a secret
     * @param effect how long it took from the order until it was in effect; null: until now
     * @param enrollmentSecret what is told once and written down nowhere; null for none
     */
    record Outcome(What what, String said, Map<String, Object> facts, Duration effect, String enrollmentSecret) {
        static Outcome done(String said, Map<String, Object> facts) {
            return new Outcome(What.DONE, said, facts, null, null);
        }

        static Outcome waiting(String said, Map<String, Object> facts) {
            return new Outcome(What.WAITING, said, facts, null, null);
        }

        static Outcome skipped(String said) {
            return new Outcome(What.SKIPPED, said, Map.of(Incident.BY_SERVER, true), null, null);
        }

        Outcome after(Duration time) {
            return new Outcome(what, said, facts, time, enrollmentSecret);
        }
    }
}

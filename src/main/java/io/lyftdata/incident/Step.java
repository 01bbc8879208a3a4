package io.lyftdata.incident;

import io.lyftdata.auth.Caller;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Function;

/**
 * One step of the checklist. It may be done again, after a crash or a failure, and then does only what is left.
 *
 * @param plan what it would do now, in one sentence
 * @param before what is there before it and must be known when it is done again
 * @param isLast whether it is not done before all steps before it are done or skipped
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
     * @param isDone false: it waits for something else, and is to be run again
     * @param facts for programs; never a secret
     * @param effect how long it took from the order until it was in effect; null: until now
     * @param enrollmentSecret what is told once and written down nowhere; null for none
     */
    record Outcome(boolean isDone, String said, Map<String, Object> facts, Duration effect, String enrollmentSecret) {
        static Outcome done(String said, Map<String, Object> facts) {
            return new Outcome(true, said, facts, null, null);
        }

        static Outcome waiting(String said, Map<String, Object> facts) {
            return new Outcome(false, said, facts, null, null);
        }

        Outcome after(Duration time) {
            return new Outcome(isDone, said, facts, time, enrollmentSecret);
        }
    }
}

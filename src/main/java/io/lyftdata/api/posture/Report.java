package io.lyftdata.api.posture;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * What all checks found at one time. Members are only ever added to it.
 *
 * @param schema of this record: 1
 * @param time when the run began
 * @param millis how long it took
 * @param findings how many there are that no waiver covers, by severity
 * @param waived how many a waiver covers
 * @param checks every check, in a fixed order
 */
public record Report(int schema, Instant time, long millis, Counts findings, long waived, List<Check> checks) {
    public static final String PATH = "/api/posture";
    public static final int SCHEMA = 1;

    /** How many there are of each severity. */
    public record Counts(long high, long medium, long low) {
        public long all() {
            return high + medium + low;
        }
    }

    /** How a check came out. */
    public enum State {
        /** It looked, and nothing is wrong. */
        CLEAR,
        /** Something is wrong. */
        FOUND,
        /** Whatever is wrong is covered by a waiver. */
        WAIVED,
        /** It could not look, which counts as a finding. */
        FAILED;

        /** The name on the wire. */
        @JsonValue
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One check.
     *
     * @param id never given another meaning
     * @param looksAt what it looks at, in a sentence
     * @param why the sentence of the hardening page or standard that asks for it
     * @param mend what to do about its findings in general
     * @param count how many findings no waiver covers
     * @param waived how many one covers
     * @param findings the first hundred
     */
    public record Check(
            String id,
            Severity severity,
            State state,
            String looksAt,
            String why,
            String mend,
            long count,
            long waived,
            List<Finding> findings) {}

    /**
     * One thing that is wrong.
     *
     * @param subject what it is about, the same from run to run: a public id, a name, a path, a setting
     * @param sentence what is wrong with it
     * @param remedy a command, or a setting of {@code config.yml}, that mends it
     * @param since when a recorded run first found it; null: none has
     * @param waiver that covers it; null: none
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Finding(String subject, String sentence, String remedy, Instant since, Waiver waiver) {}

    /**
     * Why a finding is borne.
     *
     * @param until the last day, as in {@code 2027-01-31}
     */
    public record Waiver(String reason, String until) {}
}

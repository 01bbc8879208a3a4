package io.lyftdata.api.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * What was found by following the chain.
 *
 * @param first position of the first record that holds; 0: there is none
 * @param last position of the last record that holds
 * @param end position of the last record to be looked at, all answers together
 * @param checkpoint behind which the chain begins; null: it begins at its first record
 * @param broken what is wrong first; null: nothing
 * @param next the {@code cursor} to go on with; null: this was all
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Verification(long first, long last, long end, Checkpoint checkpoint, Broken broken, String next) {
    /** What is wrong at a position. */
    public record Broken(long position, Fault fault) {}

    /** The ways in which a chain breaks. */
    public enum Fault {
        CHANGED("the record was altered after it was written"),
        MISSING("one or more records are gone from here"),
        INSERTED("the record was put in between two that belong together"),
        REORDERED("the record that belongs here stands elsewhere"),
        CUT("the record was not written to its end"),
        UNSIGNED("the signature is not that of the expected key over this record");

        private final String sentence;

        Fault(String sentence) {
            this.sentence = sentence;
        }

        /** For people. */
        public String sentence() {
            return sentence;
        }

        /** The name on the wire. */
        @JsonValue
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** This one, with what an answer before it found. */
    public Verification behind(Verification earlier) {
        return new Verification(
                earlier.first == 0 ? first : earlier.first,
                Math.max(last, earlier.last),
                end,
                checkpoint,
                broken,
                next);
    }
}

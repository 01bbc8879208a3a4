package io.lyftdata.worker;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Event;
import io.lyftdata.ledger.Change;
import io.lyftdata.ledger.Entry;
import io.lyftdata.ledger.Topic;
import io.lyftdata.worker.Isolation.Target;
import java.time.Instant;

/**
 * Why a worker is isolated, and for how long.
 *
 * @param reason for people: 1 to 200 characters on one line
 * @param until when it ends by itself; null: by a release only
 */
public record Sentence(String reason, Instant until) {
    /** The fact of a ledger's entry that holds the identity, by which it must not come in under another name. */
    static final String IDENTITY = "identity";

    private static final String REASON = "reason";
    private static final String UNTIL = "until";
    private static final int LONGEST_REASON = 200;

    public Sentence {
        boolean isPlain = reason != null
                && !reason.isBlank()
                && reason.length() <= LONGEST_REASON
                && reason.codePoints().noneMatch(Character::isISOControl);
        if (!isPlain) {
            throw new Refusal(
                    Code.UNPROCESSABLE, "reason must say why, in 1 to " + LONGEST_REASON + " characters on one line");
        }
    }

    static Sentence of(Entry entry) {
        return new Sentence(entry.fact(REASON), until(entry));
    }

    /** When the entry's isolation ends by itself; null when it does not. */
    static Instant until(Entry entry) {
        return entry.fact(UNTIL) == null ? null : Instant.parse(entry.fact(UNTIL));
    }

    Event about(String id) {
        Event event = Event.of(Action.WORKER_ISOLATED, id).set(REASON, reason);
        return until == null ? event : event.set(UNTIL, until);
    }

    Change entry(Target target) {
        Change entry = new Change(Topic.WORKER, target.id(), Isolation.ISOLATED).with(REASON, reason);
        Change bounded = until == null ? entry : entry.with(UNTIL, until.toString());
        return target.identity() == null ? bounded : bounded.with(IDENTITY, target.identity());
    }
}

package io.lyftdata.audit;

import io.lyftdata.api.AuditHead;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.auth.Caller;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.Database;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jdbi.v3.core.JdbiException;

/**
 * The workers as witnesses: each is given the chain's signed head and brings it back, so a chain that lacks one was
 * rolled back or cut. Only what this installation signed counts, so no worker can make a head up. Safe for use by many
 * threads.
 */
public final class Witnesses {
    private final String installation;
    private final Heads heads;
    private final Alarms alarms;
    private final Refusals refusals;

    private Witnesses(String installation, Heads heads, Alarms alarms, Refusals refusals) {
        this.installation = installation;
        this.heads = heads;
        this.alarms = alarms;
        this.refusals = refusals;
    }

    /** @param ticks monotonic nanoseconds */
    public static Witnesses of(
            Database database,
            String installation,
            SigningKey key,
            Alarms alarms,
            Refusals refusals,
            LongSupplier ticks) {
        return new Witnesses(installation, new Heads(database, key, installation, ticks), alarms, refusals);
    }

    /** For workers to keep; at most a second old, empty for a chain without records. */
    public Optional<AuditHead> head() {
        return heads.newest();
    }

    /**
     * Holds what a worker has seen against the chain.
     *
     * @param head null: the worker has seen none
     * @throws Refusal {@code unavailable} when it proves a loss and that cannot be written down: the worker has to keep
     *     its proof
     */
    public void hear(Caller worker, AuditHead head) {
        if (head == null || (head.hasShape() && !head.installation().equals(installation))) {
            return;
        }
        if (!head.hasShape() || !heads.isGenuine(head)) {
            refusals.note(worker, "audit head", "head_forged");
        } else if (!heads.isHeld(head)) {
            raise(worker, head);
        }
    }

    private void raise(Caller worker, AuditHead head) {
        try {
            alarms.raise(worker, head);
        } catch (JdbiException e) {
            throw new Refusal(Code.UNAVAILABLE, "the server cannot write its audit log; try again")
                    .retryAfter(Duration.ofSeconds(5))
                    .because(e);
        }
    }
}

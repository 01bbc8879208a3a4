package io.lyftdata.chain;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.audit.Checkpoint;
import io.lyftdata.api.audit.Prune;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Alarms;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Checkpoints;
import io.lyftdata.audit.Event;
import io.lyftdata.audit.Head;
import io.lyftdata.auth.Caller;
import io.lyftdata.db.Database;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes old records, only those that files hold, and signs where the chain begins from then on. Each step leaves a
 * whole chain behind its checkpoint, and none keeps other changes waiting for long. Safe for use by many threads.
 */
public final class Pruning {
    private static final Logger LOG = LoggerFactory.getLogger(Pruning.class);
    /** So that an answer comes within seconds. */
    private static final long MOST = 50_000;

    private static final long STEP = 1_000;

    private final Database database;
    private final Checkpoints checkpoints;
    private final Alarms alarms;
    private final Audit audit;
    private final Function<Handle, Optional<Long>> shipped;
    private final Clock clock;

    /** @param shipped how far the collector has the chain; empty when there is none to ship to */
    public Pruning(
            Database database,
            Checkpoints checkpoints,
            Alarms alarms,
            Audit audit,
            Function<Handle, Optional<Long>> shipped,
            Clock clock) {
        this.database = database;
        this.checkpoints = checkpoints;
        this.alarms = alarms;
        this.audit = audit;
        this.shipped = shipped;
        this.clock = clock;
    }

    /**
     * Prunes with a record of it, up to there or as far as one answer goes.
     *
     * @return where the chain begins now; before the wanted position it is to be called again
     * @throws Refusal {@code conflict} when the chain does not hold that record, or more than was exported would go
     */
    Checkpoint prune(Caller caller, Prune wanted) {
        alarms.finding().ifPresent(finding -> {
            throw new Refusal(
                    Code.CONFLICT,
                    "the audit log has an open alarm, whose proof must not be pruned: see the admin connector's"
                            + " /healthcheck, then run lyftdata audit acknowledge");
        });
        Optional<Checkpoint> already = checkpoints
                .newest()
                .filter(checkpoint -> checkpoint.position() == wanted.position()
                        && checkpoint.hash().equals(wanted.hash()));
        if (already.isPresent()) {
            return already.get();
        }
        Range range = database.write(tx -> begin(tx, caller, wanted));
        for (long reached = range.firstStep(); reached < range.last(); ) {
            long next = Math.min(range.last(), reached + STEP);
            database.write(tx -> step(tx, next));
            reached = next;
        }
        LOG.info("the audit log was pruned up to position {} by {}", range.last(), caller.id());
        return checkpoints.newest().orElseThrow();
    }

    private record Range(long first, long last) {
        private long firstStep() {
            return Math.min(last, first - 1 + STEP);
        }
    }

    private Range begin(Handle tx, Caller caller, Prune wanted) {
        ChainDao dao = tx.attach(ChainDao.class);
        if (dao.at(wanted.position())
                .filter(head -> head.hash().equals(wanted.hash()))
                .isEmpty()) {
            throw new Refusal(
                    Code.CONFLICT,
                    "this audit log does not hold position " + wanted.position()
                            + " with that hash: give an export of this server's log");
        }
        requireElsewhere(tx, wanted.position());
        long first = dao.first().orElseThrow();
        Range range = new Range(first, Math.min(wanted.position(), first - 1 + MOST));
        Event event =
                Event.of(Action.AUDIT_PRUNED, "").set("first", range.first()).set("last", range.last());
        audit.record(tx, caller, event);
        step(tx, range.firstStep());
        return range;
    }

    private void requireElsewhere(Handle tx, long position) {
        long exported = Exports.confirmed(tx);
        if (position > exported) {
            throw new Refusal(
                    Code.CONFLICT,
                    "files hold the audit log up to position " + exported + " only: run lyftdata audit export --file"
                            + " FILE first");
        }
        shipped.apply(tx).filter(reached -> position > reached).ifPresent(reached -> {
            throw new Refusal(
                    Code.CONFLICT,
                    "the collector of audit.target has the audit log up to position " + reached
                            + " only: wait until it has the rest");
        });
    }

    /** The record itself stays until it is known where the chain begins. */
    private Checkpoint step(Handle tx, long last) {
        ChainDao dao = tx.attach(ChainDao.class);
        Head head = dao.at(last)
                .orElseThrow(() -> new Refusal(
                        Code.CONFLICT,
                        "position " + last
                                + " is missing in this audit log: run lyftdata audit verify, and keep what is"
                                + " left as evidence"));
        Checkpoint checkpoint = checkpoints.put(tx, head, clock.instant().truncatedTo(ChronoUnit.MILLIS));
        dao.deleteUpTo(last);
        return checkpoint;
    }
}

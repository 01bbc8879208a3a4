package io.lyftdata.chain;

import io.lyftdata.api.AuditHead;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.audit.Exported;
import io.lyftdata.api.audit.Place;
import io.lyftdata.api.audit.SignedHead;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.AuditRecord;
import io.lyftdata.audit.Checkpoints;
import io.lyftdata.audit.Event;
import io.lyftdata.audit.Head;
import io.lyftdata.auth.Caller;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.Database;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Hands the chain out, without a gap, and remembers how far files are known to hold it. A place that is not in this
 * chain is refused, never guessed. Safe for use by many threads.
 */
public final class Exports {
    private static final String MARK = "export";

    private final Database database;
    private final String installation;
    private final Checkpoints checkpoints;
    private final SigningKey key;
    private final Audit audit;

    public Exports(Database database, String installation, Checkpoints checkpoints, SigningKey key, Audit audit) {
        this.database = database;
        this.installation = installation;
        this.checkpoints = checkpoints;
        this.key = key;
        this.audit = audit;
    }

    /**
     * The next records, oldest first, as many as the limit.
     *
     * @param from the record behind which to go on; empty: from the first that is left
     * @throws Refusal {@code conflict} when the chain does not hold that record
     */
    List<AuditRecord> behind(Optional<Place> from, int limit) {
        // Read before the place is judged, so that no pruning in between leaves a gap.
        List<AuditRecord> next = database.read(
                tx -> tx.attach(ChainDao.class).after(from.map(Place::position).orElse(0L), limit));
        from.ifPresent(this::require);
        return next;
    }

    private void require(Place from) {
        boolean isHeld = database.read(tx -> tx.attach(ChainDao.class).at(from.position()))
                .filter(head -> head.hash().equals(from.hash()))
                .isPresent();
        if (!isHeld) {
            checkpoints
                    .newest()
                    .ifPresentOrElse(
                            checkpoint -> requireNotPruned(from, checkpoint.position(), checkpoint.hash()), () -> {
                                throw elsewhere(from);
                            });
        }
    }

    private static void requireNotPruned(Place from, long position, String hash) {
        if (from.position() < position) {
            throw new Refusal(
                    Code.CONFLICT,
                    "the records behind position " + from.position() + " were pruned, up to position " + position
                            + ": begin a new export, without a place to go on from");
        }
        if (!from.equals(new Place(position, hash))) {
            throw elsewhere(from);
        }
    }

    private static Refusal elsewhere(Place from) {
        return new Refusal(
                Code.CONFLICT,
                "this audit log does not hold position " + from.position() + " with that hash: the place is of another"
                        + " server's log, or of one that was rolled back; begin a new export beside the old one, and"
                        + " compare them");
    }

    /**
     * Notes, with a record, that a file holds the records, and vouches for the last of them.
     *
     * @throws Refusal {@code conflict} when the chain does not hold that record
     */
    SignedHead confirm(Caller caller, Exported exported) {
        if (exported.hash() == null || exported.first() < 1 || exported.first() > exported.last()) {
            throw new Refusal(
                    Code.UNPROCESSABLE, "first and last must be positions in this order, and hash that of the last");
        }
        Head last = database.write(tx -> {
            Head found = tx.attach(ChainDao.class)
                    .at(exported.last())
                    .filter(head -> head.hash().equals(exported.hash()))
                    .orElseThrow(() -> elsewhere(new Place(exported.last(), exported.hash())));
            mark(tx, exported);
            Event event = Event.of(Action.AUDIT_EXPORTED, "")
                    .set("first", exported.first())
                    .set("last", exported.last());
            audit.record(tx, caller, event);
            return found;
        });
        AuditHead head = new AuditHead(installation, last.segment(), last.position(), last.hash(), "");
        return new SignedHead(head.signed(key.sign(head.signedBytes())), key.publicKey());
    }

    /** Only what goes on from what files hold already counts. */
    private static void mark(Handle tx, Exported exported) {
        ChainDao dao = tx.attach(ChainDao.class);
        long held = Math.max(confirmed(tx), dao.first().orElse(1L) - 1);
        if (exported.first() <= held + 1 && exported.last() > held) {
            dao.mark(MARK, exported.last(), exported.hash());
        }
    }

    /** Up to which position files are known to hold the chain; 0: none. */
    static long confirmed(Handle tx) {
        return tx.attach(ChainDao.class).mark(MARK).orElse(0L);
    }
}

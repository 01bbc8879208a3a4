package io.lyftdata.audit;

import io.lyftdata.api.AuditHead;
import io.lyftdata.api.audit.Checkpoint;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.Database;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Where the chain begins; only what this installation signed counts. Safe for use by many threads. */
public final class Checkpoints {
    private final Database database;
    private final String installation;
    private final SigningKey key;

    public Checkpoints(Database database, String installation, SigningKey key) {
        this.database = database;
        this.installation = installation;
        this.key = key;
    }

    /** Empty as long as nothing was pruned. */
    public Optional<Checkpoint> newest() {
        return database.read(tx -> tx.attach(AuditDao.class).checkpoint());
    }

    public boolean isGenuine(Checkpoint checkpoint) {
        return key.signed(checkpoint.signedBytes(installation), checkpoint.signature());
    }

    /** Whether the record was pruned by right: what a worker saw of it proves no loss. */
    boolean covers(AuditHead head) {
        return newest().filter(checkpoint -> head.position() < checkpoint.position() || isOf(head, checkpoint))
                .filter(this::isGenuine)
                .isPresent();
    }

    private static boolean isOf(AuditHead head, Checkpoint checkpoint) {
        return head.position() == checkpoint.position() && head.hash().equals(checkpoint.hash());
    }

    /** Lets the chain begin behind that record, within the transaction that deletes it. */
    public Checkpoint put(Handle tx, Head last, Instant time) {
        Checkpoint unsigned = new Checkpoint(last.segment(), last.position(), last.hash(), time, "");
        Checkpoint signed = new Checkpoint(
                last.segment(), last.position(), last.hash(), time, key.sign(unsigned.signedBytes(installation)));
        AuditDao dao = tx.attach(AuditDao.class);
        dao.forgetCheckpoints();
        dao.put(signed);
        return signed;
    }
}

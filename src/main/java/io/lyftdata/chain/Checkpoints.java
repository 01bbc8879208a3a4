package io.lyftdata.chain;

import io.lyftdata.api.audit.Checkpoint;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.Database;
import java.util.Optional;

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
    Optional<Checkpoint> newest() {
        return database.read(tx -> tx.attach(ChainDao.class).checkpoint());
    }

    boolean isGenuine(Checkpoint checkpoint) {
        return key.signed(checkpoint.signedBytes(installation), checkpoint.signature());
    }
}

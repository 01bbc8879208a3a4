package io.lyftdata.enrollment;

import io.lyftdata.api.Code;
import io.lyftdata.api.Enroll;
import io.lyftdata.api.Refusal;
import io.lyftdata.apikey.ApiKeys;
import io.lyftdata.apikey.Proofs;
import io.lyftdata.apikey.WorkerKeys;
import io.lyftdata.auth.Caller;
import io.lyftdata.crypto.Digests;
import io.lyftdata.db.Database;
import io.lyftdata.worker.Admission;
import io.lyftdata.worker.Isolation;
import io.lyftdata.worker.Worker;
import io.lyftdata.worker.Workers;
import java.time.Clock;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who joins by the shared secret. It never changes a worker that there is. Safe for use by many threads.
 */
public final class Enrollment {
    private static final Logger LOG = LoggerFactory.getLogger(Enrollment.class);

    private final Database database;
    private final Secrets secrets;
    private final Workers workers;
    private final Isolation isolation;
    private final WorkerKeys keys;
    private final Clock clock;
    private final Proofs proofs;

    public Enrollment(
            Database database, Secrets secrets, Workers workers, Isolation isolation, WorkerKeys keys, Clock clock) {
        this.database = database;
        this.secrets = secrets;
        this.workers = workers;
        this.isolation = isolation;
        this.keys = keys;
        this.clock = clock;
        this.proofs = new Proofs(clock);
    }

    /**
     * A worker joins with a key and identity of its own. The same call again, after a lost answer, changes nothing and
     * answers the same.
     *
     * @param caller whose id is the secret's
     */
    public Enroll.Answer join(Caller caller, Enroll.Request wish, String installation) {
        ApiKeys.checkKey(wish.keyId(), wish.keyHash());
        proofs.check(wish.identityKey(), wish.signedBytes(), wish.signature(), wish.time());
        String id = Workers.idOf(wish.name());
        isolation.refuse(id, wish.identityKey());
        boolean joined = database.write(tx -> {
            if (isRepeat(tx, id, wish)) {
                return false;
            }
            admitOneMore(tx, caller.id(), id, wish);
            refuseKnownIdentity(tx, wish.identityKey());
            workers.add(tx, caller, id, wish.labels());
            Admission admission = new Admission(caller.id(), caller.origin().text());
            workers.admit(tx, caller, id, wish.identityKey(), wish.keyHash(), admission);
            keys.add(tx, caller, id, wish.keyId(), wish.keyHash());
            return true;
        });
        if (joined) {
            LOG.info(
                    "worker {} joined by enrollment secret {} from {}",
                    id,
                    caller.id(),
                    caller.origin().text());
            secrets.endByItself(caller.id());
        }
        return new Enroll.Answer(id, installation);
    }

    /** Counts it, unless the secret has come to its end since it was judged. */
    private void admitOneMore(Handle tx, String secretId, String workerId, Enroll.Request wish) {
        EnrollmentDao dao = tx.attach(EnrollmentDao.class);
        EnrollmentSecret secret =
                dao.find(secretId).filter(secrets.inForce()::isUsable).orElseThrow(EnrollmentAuthenticator::refusal);
        Conditions.of(secret).require(wish.labels());
        if (!dao.count(secretId, workerId, clock.instant())) {
            throw EnrollmentAuthenticator.refusal();
        }
    }

    private boolean isRepeat(Handle tx, String id, Enroll.Request wish) {
        return workers.find(tx, id)
                .filter(worker -> wish.identityKey().equals(worker.identity())
                        && worker.firstKeyHash() != null
                        && Digests.same(worker.firstKeyHash(), wish.keyHash()))
                .isPresent();
    }

    private void refuseKnownIdentity(Handle tx, String identity) {
        Optional<Worker> owner = workers.findByIdentity(tx, identity);
        if (owner.isPresent()) {
            isolation.refuse(owner.get().id());
            throw new Refusal(
                    Code.IDENTITY_TAKEN,
                    "this identity belongs to a worker already; a clone of its host needs an empty jobs directory");
        }
    }
}

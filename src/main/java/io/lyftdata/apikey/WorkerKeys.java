package io.lyftdata.apikey;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.WorkerKey;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Role;
import io.lyftdata.crypto.Digests;
import io.lyftdata.db.Database;
import io.lyftdata.worker.Admission;
import io.lyftdata.worker.Worker;
import io.lyftdata.worker.Workers;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that workers make themselves: of each worker at most one that is current, one that waits for its first use
 * and an old one. Whatever call or answer is lost, worker and server both know one of them. Safe for use by many threads.
 */
public final class WorkerKeys {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerKeys.class);

    private final Database database;
    private final Audit audit;
    private final Workers workers;
    private final KeyJudge judge;
    private final Proofs proofs;

    public WorkerKeys(Database database, Audit audit, Workers workers, KeyJudge judge) {
        this.database = database;
        this.audit = audit;
        this.workers = workers;
        this.judge = judge;
        this.proofs = new Proofs(judge.clock());
    }

    /**
     * A worker registers its next key under the current one, or its first under a bootstrap key, which binds its
     * identity. The same call again answers the same; another one replaces the key that waits for its first use.
     *
     * @throws Refusal {@code proof_missing} without the identity's signature, {@code proof_invalid} by another identity,
     *     {@code conflict} under a key whose successor is in use, {@code key_taken} for another worker's key
     */
    public WorkerKey.Answer put(Caller caller, WorkerKey.Request wish, String installation) {
        ApiKeys.checkKey(wish.keyId(), wish.keyHash());
        proofs.check(wish.identityKey(), wish.signedBytes(caller.id()), wish.signature(), wish.time());
        boolean isBootstrap = caller.role() == Role.BOOTSTRAP;
        boolean isNew = database.write(tx -> isBootstrap ? exchange(tx, caller, wish) : announce(tx, caller, wish));
        if (isNew) {
            String under = isBootstrap ? "bootstrap key" : "key";
            LOG.info("worker {} registered key {} under {} {}", caller.id(), wish.keyId(), under, caller.keyId());
        }
        return new WorkerKey.Answer(caller.id(), wish.keyId(), installation);
    }

    private boolean exchange(Handle tx, Caller caller, WorkerKey.Request wish) {
        judge.rows().change(tx, caller.id());
        if (tx.attach(ApiKeyDao.class).spend(caller.keyId(), judge.now())) {
            Admission admission = new Admission(caller.keyId(), caller.origin().text());
            workers.admit(tx, caller, caller.id(), wish.identityKey(), null, admission);
            add(tx, caller, caller.id(), wish.keyId(), wish.keyHash());
            return true;
        }
        if (!isBound(tx, caller.id(), wish.identityKey()) || !isRepeat(tx, caller.id(), wish)) {
            throw new Refusal(
                    Code.KEY_REVOKED,
                    "this bootstrap key has been used; lyftdata api-keys issue " + caller.id() + " makes another");
        }
        return false;
    }

    private boolean announce(Handle tx, Caller caller, WorkerKey.Request wish) {
        if (!isBound(tx, caller.id(), wish.identityKey())) {
            throw new Refusal(
                    Code.PROOF_INVALID,
                    "this is not the identity key of worker " + caller.id() + "; sign with its own");
        }
        ApiKeyDao keys = tx.attach(ApiKeyDao.class);
        ApiKey under = keys.find(caller.keyId()).filter(judge::counts).orElseThrow(WorkerKeys::ended);
        if (!under.id().equals(wish.keyId()) && isRepeat(tx, caller.id(), wish)) {
            return false;
        }
        if (under.state() == ApiKey.State.OLD) {
            throw new Refusal(
                    Code.CONFLICT,
                    "the successor of this key is in use: rotate under that, or register a new one by the identity"
                            + " key, POST /api/worker/recover");
        }
        judge.rows().change(tx, caller.id());
        keys.revokeThose(caller.id(), ApiKey.State.PENDING, judge.now());
        insert(tx, caller.id(), wish.keyId(), wish.keyHash(), ApiKey.State.PENDING);
        Event event = Event.of(Action.API_KEY_REGISTERED, wish.keyId()).set("worker", caller.id());
        audit.record(tx, caller, event.set("under", caller.keyId()));
        return true;
    }

    private static Refusal ended() {
        return new Refusal(
                Code.KEY_REVOKED, "this key ended at this very moment; register another by the identity key");
    }

    private boolean isBound(Handle tx, String workerId, String identityKey) {
        return workers.find(tx, workerId)
                .flatMap(Worker::boundIdentity)
                .filter(identityKey::equals)
                .isPresent();
    }

    /** Whether it is the key that waits for its first use, or the one that has just had it. */
    private boolean isRepeat(Handle tx, String workerId, WorkerKey.Request wish) {
        return tx.attach(ApiKeyDao.class)
                .find(wish.keyId())
                .filter(key -> isThat(key, workerId, wish.keyHash()))
                .filter(key -> key.state() != ApiKey.State.OLD && judge.counts(key))
                .isPresent();
    }

    private static boolean isThat(ApiKey key, String workerId, String hash) {
        return key.kind() == ApiKey.Kind.WORKER && key.workerId().equals(workerId) && Digests.same(key.hash(), hash);
    }

    /**
     * Makes the worker's key the one and only, within the caller's transaction.
     *
     * @throws Refusal {@code unprocessable} for a key id that was used before
     */
    public void add(Handle tx, Caller caller, String workerId, String keyId, String keyHash) {
        int ended = replaceAll(tx, workerId, keyId, keyHash);
        Event event = Event.of(Action.API_KEY_REGISTERED, keyId).set("worker", workerId);
        audit.record(tx, caller, ended > 0 ? event.set("keysEnded", ended) : event);
    }

    /**
     * The same for a worker that has proved who it is; the same again changes nothing.
     *
     * @return whether it is new
     */
    public boolean renew(Caller caller, String keyHash) {
        return database.write(tx -> {
            Optional<ApiKey> same = tx.attach(ApiKeyDao.class).find(caller.keyId());
            if (same.filter(key -> isThat(key, caller.id(), keyHash))
                    .filter(key -> key.state() == ApiKey.State.ACTIVE && judge.counts(key))
                    .isPresent()) {
                return false;
            }
            int ended = replaceAll(tx, caller.id(), caller.keyId(), keyHash);
            Event event = Event.of(Action.WORKER_RECOVERED, caller.id()).set("key", caller.keyId());
            audit.record(tx, caller, event.set("keysEnded", ended));
            return true;
        });
    }

    /** Whether its worker has a key that counts besides the one that the caller names. */
    public boolean hasOther(Caller caller) {
        return database.read(tx -> tx.attach(ApiKeyDao.class).others(caller.id(), caller.keyId())).stream()
                .anyMatch(judge::counts);
    }

    private int replaceAll(Handle tx, String workerId, String keyId, String keyHash) {
        judge.rows().change(tx, workerId);
        insert(tx, workerId, keyId, keyHash, ApiKey.State.ACTIVE);
        return tx.attach(ApiKeyDao.class).revokeOthers(workerId, keyId, judge.now());
    }

    private void insert(Handle tx, String workerId, String keyId, String keyHash, ApiKey.State state) {
        ApiKeyDao keys = tx.attach(ApiKeyDao.class);
        Instant end = judge.endOfLife(workers.find(tx, workerId).orElseThrow().labels());
        boolean isNew = !judge.wasRevoked(keyId)
                && keys.insert(keyId, workerId, ApiKey.Kind.WORKER, state, keyHash, judge.now(), end, judge.position());
        if (!isNew) {
            boolean isOthers = keys.find(keyId)
                    .filter(key -> !key.workerId().equals(workerId))
                    .isPresent();
            throw isOthers
                    ? new Refusal(Code.KEY_TAKEN, "this keyId is that of another worker's key; make a new key")
                    : new Refusal(Code.UNPROCESSABLE, "this keyId was used before; make a new key");
        }
    }

    /**
     * Notes the use of a key that counts: the first one makes it current, and the overlap of the key before begins.
     *
     * @return false when it has changed since it was read, and must be judged anew
     */
    boolean use(Caller caller, ApiKey key) {
        if (key.state() == ApiKey.State.PENDING) {
            return database.write(tx -> promote(tx, caller, key));
        }
        if (key.firstUsedAt() == null && key.kind() == ApiKey.Kind.WORKER) {
            database.write(tx -> {
                judge.rows().change(tx, key.workerId());
                tx.attach(ApiKeyDao.class).use(key.id(), judge.now());
                return null;
            });
        }
        return true;
    }

    private boolean promote(Handle tx, Caller caller, ApiKey key) {
        ApiKeyDao keys = tx.attach(ApiKeyDao.class);
        judge.rows().change(tx, key.workerId());
        if (!keys.promote(key.id(), judge.now())) {
            return false;
        }
        keys.revokeThose(key.workerId(), ApiKey.State.OLD, judge.now());
        Event event = Event.of(Action.API_KEY_ROTATED, key.id()).set("worker", key.workerId());
        Optional<ApiKey> former = keys.current(key.workerId(), key.id());
        if (former.isPresent()) {
            Instant end = judge.endOfOverlap(former.get());
            keys.supersede(former.get().id(), judge.now(), end);
            event = event.set("former", former.get().id()).set("formerEndsAt", end);
        }
        audit.record(tx, caller, event);
        LOG.info("worker {} uses key {} from now on", key.workerId(), key.id());
        return true;
    }
}

package io.lyftdata.apikey;

import io.lyftdata.api.Code;
import io.lyftdata.api.Page;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.WorkerKey;
import io.lyftdata.api.Workers.Add;
import io.lyftdata.api.Workers.IssuedKey;
import io.lyftdata.api.Workers.KeyView;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.auth.Caller;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.db.Database;
import io.lyftdata.db.Paging;
import io.lyftdata.ledger.Change;
import io.lyftdata.ledger.Entry;
import io.lyftdata.ledger.Topic;
import io.lyftdata.worker.Admission;
import io.lyftdata.worker.Workers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Workers' keys: one worker, one key in force. Only hashes are stored. Safe for use by many threads. */
public final class ApiKeys {
    private static final Logger LOG = LoggerFactory.getLogger(ApiKeys.class);

    private final Database database;
    private final Audit audit;
    private final Restrictions restrictions;
    private final Workers workers;
    private final Clock clock;
    private final Proofs proofs;
    private final Duration bootstrapExpiry;

    public ApiKeys(
            Database database,
            Audit audit,
            Restrictions restrictions,
            Workers workers,
            Clock clock,
            ApiKeyConfig config) {
        this.database = database;
        this.audit = audit;
        this.restrictions = restrictions;
        this.workers = workers;
        this.clock = clock;
        this.proofs = new Proofs(clock);
        this.bootstrapExpiry = config.bootstrapExpiry();
    }

    /** Adds a worker together with its bootstrap key. */
    public IssuedKey addWorker(Caller caller, Add wish) {
        IssuedKey key = workers.isRemoved(wish.name())
                ? readmit(caller, wish)
                : database.write(tx -> issue(tx, caller, workers.add(tx, caller, wish.name(), wish.labels())));
        LOG.info("{} added worker {} with bootstrap key {}", caller.id(), key.workerId(), key.keyId());
        return key;
    }

    /** What is left of the removed worker's keys ends before its name is free again. */
    private IssuedKey readmit(Caller caller, Add wish) {
        String id = Workers.idOf(wish.name());
        restrictions.enter(caller, revocations(id));
        AtomicReference<IssuedKey> key = new AtomicReference<>();
        workers.readmit(caller, id, wish.labels(), tx -> {
            endAll(tx, id);
            key.set(issue(tx, caller, id));
        });
        return key.get();
    }

    /** The ledger's entries by which all of the worker's keys end. */
    public List<Change> revocations(String workerId) {
        return database.read(tx -> tx.attach(ApiKeyDao.class).inForce(workerId)).stream()
                .map(id -> new Change(Topic.API_KEY, id, "revoked"))
                .toList();
    }

    /** Ends all of the worker's keys within the caller's transaction, once the ledger knows. */
    public int endAll(Handle tx, String workerId) {
        return tx.attach(ApiKeyDao.class).revokeAll(workerId, clock.instant());
    }

    /** Makes a bootstrap key for a worker that there is. */
    public IssuedKey issue(Caller caller, String workerId) {
        IssuedKey key = database.write(tx -> {
            workers.requirePresent(tx, workerId);
            return issue(tx, caller, workerId);
        });
        LOG.info("{} issued bootstrap key {} for worker {}", caller.id(), key.keyId(), workerId);
        return key;
    }

    /** The same within the caller's transaction. */
    public IssuedKey issue(Handle tx, Caller caller, String workerId) {
        KeyString key = KeyString.generate(KeyString.Kind.WORKER);
        Instant now = clock.instant();
        Instant expiresAt = now.plus(bootstrapExpiry);
        tx.attach(ApiKeyDao.class)
                .insert(key.id(), workerId, ApiKey.Kind.BOOTSTRAP, key.hash(), now, expiresAt, position());
        Event event = Event.of(Action.API_KEY_ISSUED, key.id()).set("worker", workerId);
        audit.record(tx, caller, event.set("expiresAt", expiresAt));
        return new IssuedKey(workerId, key.id(), key.reveal(), expiresAt);
    }

    /**
     * A worker exchanges its bootstrap key for a key of its own and binds its identity. The same call again, after a
     * lost answer, answers the same.
     */
    public WorkerKey.Answer register(Caller caller, WorkerKey.Request wish, String installation) {
        checkKey(wish.keyId(), wish.keyHash());
        proofs.check(wish.identityKey(), wish.signedBytes(caller.id()), wish.signature(), wish.time());
        database.write(tx -> {
            ApiKeyDao keys = tx.attach(ApiKeyDao.class);
            if (keys.spend(caller.keyId(), clock.instant())) {
                Admission admission =
                        new Admission(caller.keyId(), caller.origin().text());
                workers.admit(tx, caller, caller.id(), wish.identityKey(), null, admission);
                add(tx, caller, caller.id(), wish.keyId(), wish.keyHash());
            } else if (!isRepeat(tx, caller.id(), wish)) {
                throw new Refusal(
                        Code.KEY_REVOKED,
                        "this bootstrap key has been used; lyftdata api-keys issue " + caller.id() + " makes another");
            }
            return null;
        });
        LOG.info("worker {} registered key {} by bootstrap key {}", caller.id(), wish.keyId(), caller.keyId());
        return new WorkerKey.Answer(caller.id(), wish.keyId(), installation);
    }

    private boolean isRepeat(Handle tx, String workerId, WorkerKey.Request wish) {
        boolean sameKey = tx.attach(ApiKeyDao.class).live(workerId).stream()
                .anyMatch(key -> key.id().equals(wish.keyId()) && Digests.same(key.hash(), wish.keyHash()));
        return sameKey
                && workers.findByIdentity(tx, wish.identityKey())
                        .filter(worker -> worker.id().equals(workerId))
                        .isPresent();
    }

    /**
     * Makes the worker's own key the one in force, within the caller's transaction.
     *
     * @throws Refusal {@code unprocessable} for a key id that was used before
     */
    public void add(Handle tx, Caller caller, String workerId, String keyId, String keyHash) {
        ApiKeyDao keys = tx.attach(ApiKeyDao.class);
        if (!keys.insert(keyId, workerId, ApiKey.Kind.WORKER, keyHash, clock.instant(), null, position())) {
            throw new Refusal(Code.UNPROCESSABLE, "this keyId was used before; make a new key");
        }
        int ended = keys.revokeOthers(workerId, keyId, clock.instant());
        Event event = Event.of(Action.API_KEY_REGISTERED, keyId).set("worker", workerId);
        audit.record(tx, caller, ended > 0 ? event.set("keysEnded", ended) : event);
    }

    /** Refuses ids and hashes that no key of ours can have. */
    public static void checkKey(String keyId, String keyHash) {
        if (!KeyString.isPublicId(keyId)) {
            throw new Refusal(Code.UNPROCESSABLE, "keyId must be the key's public id, 32 lower-case hex digits");
        }
        if (!Digests.isSha256Hex(keyHash)) {
            throw new Refusal(Code.UNPROCESSABLE, "keyHash must be a SHA-256, 64 lower-case hex digits");
        }
    }

    /** The key with that id, as it is now. */
    public Optional<ApiKey> find(String id) {
        return database.read(tx -> tx.attach(ApiKeyDao.class).find(id));
    }

    /** Notes the first use of a key. */
    void used(ApiKey key) {
        if (key.firstUsedAt() == null && key.kind() == ApiKey.Kind.WORKER) {
            database.write(tx -> {
                tx.attach(ApiKeyDao.class).use(key.id(), clock.instant());
                return null;
            });
        }
    }

    /** The worker's keys, past ones included. */
    public Page<KeyView> list(String workerId, Paging paging) {
        return database.read(tx -> {
            workers.require(tx, workerId);
            var keys = tx.attach(ApiKeyDao.class).list(workerId, paging.after(), paging.limit() + 1);
            return paging.page(keys.stream().map(this::view).toList(), KeyView::id);
        });
    }

    /** Ends a key for good; ending it again changes nothing. */
    public void revoke(Caller caller, String id) {
        ApiKey key = find(id).orElseThrow(ApiKeys::unknown);
        if (key.state() == ApiKey.State.ACTIVE) {
            restrictions.restrict(caller, List.of(new Change(Topic.API_KEY, id, "revoked")), tx -> revoke(tx, key));
            LOG.info("{} revoked key {}", caller.id(), id);
        }
    }

    private Event revoke(Handle tx, ApiKey key) {
        tx.attach(ApiKeyDao.class).revoke(key.id(), clock.instant());
        return Event.of(Action.API_KEY_REVOKED, key.id()).set("worker", key.workerId());
    }

    /** Whether it is, by the database or the ledger. */
    boolean isRevoked(ApiKey key) {
        return key.state() == ApiKey.State.REVOKED || revocation(key).isPresent();
    }

    private Optional<Entry> revocation(ApiKey key) {
        return restrictions.ledger().last(Topic.API_KEY, key.id());
    }

    /** Whether its time is over, or an epoch has begun since it was made. */
    boolean hasExpired(ApiKey key) {
        return key.hasExpired(clock.instant())
                || restrictions
                        .ledger()
                        .since(Topic.EPOCH, Change.ALL, key.ledger())
                        .isPresent();
    }

    /** Revokes what the ledger says is revoked. */
    public void follow(Handle tx) {
        for (ApiKey key : tx.attach(ApiKeyDao.class).live()) {
            revocation(key).ifPresent(entry -> restrictions.replay(tx, revoke(tx, key), entry));
        }
    }

    private long position() {
        return restrictions.ledger().position().sequence();
    }

    private static Refusal unknown() {
        return new Refusal(
                Code.NOT_FOUND, "there is no key with that id; lyftdata api-keys list WORKER shows those there are");
    }

    private KeyView view(ApiKey key) {
        String state = isRevoked(key)
                ? "revoked"
                : key.state() == ApiKey.State.ACTIVE && hasExpired(key)
                        ? "expired"
                        : key.state().name().toLowerCase(Locale.ROOT);
        return new KeyView(
                key.id(),
                key.workerId(),
                key.kind().name().toLowerCase(Locale.ROOT),
                state,
                key.createdAt(),
                key.firstUsedAt(),
                key.expiresAt(),
                key.revokedAt());
    }
}

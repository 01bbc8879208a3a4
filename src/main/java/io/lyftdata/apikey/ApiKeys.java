package io.lyftdata.apikey;

import io.lyftdata.api.Code;
import io.lyftdata.api.Page;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.Workers.Add;
import io.lyftdata.api.Workers.IssuedKey;
import io.lyftdata.api.Workers.KeyView;
import io.lyftdata.api.Workers.Revoked;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.auth.Caller;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.Identity;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.db.Database;
import io.lyftdata.db.Paging;
import io.lyftdata.ledger.Change;
import io.lyftdata.ledger.Entry;
import io.lyftdata.ledger.Topic;
import io.lyftdata.worker.Admission;
import io.lyftdata.worker.Workers;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Workers' keys as operators see them. Only hashes are stored. Safe for use by many threads. */
public final class ApiKeys {
    private static final Logger LOG = LoggerFactory.getLogger(ApiKeys.class);

    /** The reason of a revocation: somebody else may know the key. */
    public static final String COMPROMISED = "compromised";

    private static final String REVOKED = "revoked";
    private static final String KEYS = "keys";

    private final Database database;
    private final Audit audit;
    private final Restrictions restrictions;
    private final Workers workers;
    private final KeyJudge judge;
    private final Duration bootstrapExpiry;

    public ApiKeys(
            Database database,
            Audit audit,
            Restrictions restrictions,
            Workers workers,
            KeyJudge judge,
            ApiKeyConfig config) {
        this.database = database;
        this.audit = audit;
        this.restrictions = restrictions;
        this.workers = workers;
        this.judge = judge;
        this.bootstrapExpiry = config.bootstrapExpiry();
    }

    /** Adds a worker together with its bootstrap key. */
    public IssuedKey addWorker(Caller caller, Add wish) {
        if (wish.identityKey() != null) {
            return addByIdentity(caller, wish);
        }
        IssuedKey key = workers.isRemoved(wish.name())
                ? readmit(caller, wish)
                : database.write(tx -> issue(tx, caller, workers.add(tx, caller, wish.name(), wish.labels())));
        LOG.info("{} added worker {} with bootstrap key {}", caller.id(), key.workerId(), key.keyId());
        return key;
    }

    /** For one that a restore forgot: it registers a key by its identity. */
    private IssuedKey addByIdentity(Caller caller, Add wish) {
        if (!Identity.isPublicKey(wish.identityKey())) {
            throw new Refusal(
                    Code.UNPROCESSABLE, "identityKey must be an Ed25519 SubjectPublicKeyInfo (RFC 8410) in base64");
        }
        String id = database.write(tx -> {
            String added = workers.add(tx, caller, wish.name(), wish.labels());
            Admission admission = new Admission(caller.id(), caller.origin().text());
            workers.admit(tx, caller, added, wish.identityKey(), null, admission);
            return added;
        });
        LOG.info("{} added worker {} by its identity", caller.id(), id);
        return new IssuedKey(id, null, null, null);
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
                .map(id -> new Change(Topic.API_KEY, id, REVOKED))
                .toList();
    }

    /** Ends all of the worker's keys within the caller's transaction, once the ledger knows. */
    public int endAll(Handle tx, String workerId) {
        judge.rows().change(tx, workerId);
        return tx.attach(ApiKeyDao.class).revokeAll(workerId, judge.now());
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
        Instant now = judge.now();
        Instant expiresAt = now.plus(bootstrapExpiry);
        tx.attach(ApiKeyDao.class)
                .insert(
                        key.id(),
                        workerId,
                        ApiKey.Kind.BOOTSTRAP,
                        ApiKey.State.ACTIVE,
                        key.hash(),
                        now,
                        expiresAt,
                        judge.position());
        Event event = Event.of(Action.API_KEY_ISSUED, key.id()).set("worker", workerId);
        audit.record(tx, caller, event.set("expiresAt", expiresAt));
        return new IssuedKey(workerId, key.id(), key.reveal(), expiresAt);
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
        return judge.rows()
                .find(id, () -> database.read(tx -> tx.attach(ApiKeyDao.class).find(id)));
    }

    public Page<KeyView> list(String workerId, Paging paging) {
        return database.read(tx -> {
            workers.require(tx, workerId);
            var keys = tx.attach(ApiKeyDao.class).list(workerId, paging.after(), paging.limit() + 1);
            return paging.page(keys.stream().map(judge::view).toList(), KeyView::id);
        });
    }

    /** Every key that is remembered, by worker and age. */
    public List<KeyView> all() {
        return database.read(tx -> tx.attach(ApiKeyDao.class).all()).stream()
                .map(judge::view)
                .toList();
    }

    /**
     * Ends a key for good; ending it again changes nothing, but for marking it as leaked.
     *
     * @param reason {@link #COMPROMISED}, or null for none
     */
    public KeyView revoke(Caller caller, String id, String reason) {
        if (reason != null && !reason.equals(COMPROMISED)) {
            throw new Refusal(Code.UNPROCESSABLE, "reason must be " + COMPROMISED + ", or left out");
        }
        ApiKey key = find(id).orElseThrow(ApiKeys::unknown);
        String before = judge.reasonOfRevocation(id);
        if (key.isLive()) {
            String told = before == null ? reason : before;
            restrictions.restrict(caller, List.of(entry(id, told)), tx -> revoke(tx, key, told));
            LOG.info("{} revoked key {}{}", caller.id(), id, told == null ? "" : " as " + told);
        } else if (reason != null && before == null) {
            database.write(tx -> {
                audit.record(tx, caller, revoke(tx, key, reason));
                return null;
            });
            restrictions.enter(caller, List.of(entry(id, reason)));
            LOG.info("{} marked key {} as {}", caller.id(), id, reason);
        }
        return judge.view(find(id).orElseThrow(ApiKeys::unknown));
    }

    private static Change entry(String id, String reason) {
        Change entry = new Change(Topic.API_KEY, id, REVOKED);
        return reason == null ? entry : entry.with(KeyJudge.REASON, reason);
    }

    private Event revoke(Handle tx, ApiKey key, String reason) {
        judge.rows().change(tx, key.workerId());
        tx.attach(ApiKeyDao.class).revoke(key.id(), judge.now());
        Event event = Event.of(Action.API_KEY_REVOKED, key.id()).set("worker", key.workerId());
        return reason == null ? event : event.set(KeyJudge.REASON, reason);
    }

    /**
     * Ends the keys of those workers that are older than the order, as leaked ones, by one write to the ledger and one
     * transaction.
     *
     * @return how many ended
     */
    public Revoked revokeOf(Caller caller, Collection<String> workerIds, Instant orderedAt) {
        List<ApiKey> due = database.read(tx -> workerIds.stream()
                .flatMap(id -> tx.attach(ApiKeyDao.class).inForce(id, orderedAt).stream())
                .toList());
        if (!due.isEmpty()) {
            List<Change> entries =
                    due.stream().map(key -> entry(key.id(), COMPROMISED)).toList();
            restrictions.restrict(caller, entries, tx -> {
                due.forEach(key -> revoke(tx, key, COMPROMISED));
                return Event.of(Action.API_KEYS_REVOKED, "")
                        .set(KEYS, due.size())
                        .set("workers", workerIds.size())
                        .set(KeyJudge.REASON, COMPROMISED);
            });
        }
        return new Revoked(due.size());
    }

    /** Whether every key was revoked since then. */
    public boolean isAllRevokedSince(Instant time) {
        Optional<Entry> last = restrictions.ledger().last(Topic.API_KEY, Change.ALL);
        return last.filter(entry -> !entry.time().isBefore(time)).isPresent();
    }

    /**
     * Ends every key that there is, bootstrap keys included, by one entry in the ledger. Workers that have joined register
     * new ones by their identity keys.
     */
    public Revoked revokeAll(Caller caller) {
        Event event = restrictions.restrict(
                caller, List.of(new Change(Topic.API_KEY, Change.ALL, REVOKED)), this::revokeAllBefore);
        LOG.info("{} revoked every worker's key", caller.id());
        return new Revoked(((Number) event.difference().get(KEYS).after()).longValue());
    }

    private Event revokeAllBefore(Handle tx) {
        long entry = restrictions
                .ledger()
                .last(Topic.API_KEY, Change.ALL)
                .orElseThrow()
                .sequence();
        judge.rows().changeAll(tx);
        int ended = tx.attach(ApiKeyDao.class).revokeBefore(entry, judge.now());
        return Event.of(Action.API_KEYS_REVOKED, "").set(KEYS, ended);
    }

    /** Takes in every key that lives, so that a fleet that comes back costs no query for each worker. */
    void load() {
        judge.rows().load(() -> database.read(tx -> tx.attach(ApiKeyDao.class).live()));
    }

    /** Revokes what the ledger says is revoked. */
    public void follow(Handle tx) {
        restrictions.ledger().last(Topic.API_KEY, Change.ALL).ifPresent(entry -> {
            Event event = revokeAllBefore(tx);
            if (!event.difference().get(KEYS).after().equals(0)) {
                restrictions.replay(tx, event, entry);
            }
        });
        for (ApiKey key : tx.attach(ApiKeyDao.class).live()) {
            judge.revocation(key)
                    .ifPresent(entry -> restrictions.replay(tx, revoke(tx, key, entry.fact(KeyJudge.REASON)), entry));
        }
    }

    private static Refusal unknown() {
        return new Refusal(
                Code.NOT_FOUND, "there is no key with that id; lyftdata api-keys list WORKER shows those there are");
    }
}

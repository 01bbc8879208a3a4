package io.lyftdata.enrollment;

import io.lyftdata.api.AutoEnrollment.Change;
import io.lyftdata.api.AutoEnrollment.View;
import io.lyftdata.api.Code;
import io.lyftdata.api.Enroll;
import io.lyftdata.api.Refusal;
import io.lyftdata.apikey.ApiKeys;
import io.lyftdata.apikey.Proofs;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.auth.AuthorizationHeader;
import io.lyftdata.auth.Caller;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.db.Database;
import io.lyftdata.worker.Admission;
import io.lyftdata.worker.Worker;
import io.lyftdata.worker.Workers;
import java.time.Clock;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shared secret and who joins by it. It never changes a worker that there is, and a secret that was once rotated
 * away or disabled is never accepted again. Safe for use by many threads.
 */
public final class Enrollment {
    private static final Logger LOG = LoggerFactory.getLogger(Enrollment.class);
    private static final int SHORTEST = 32;

    private final Database database;
    private final Audit audit;
    private final Workers workers;
    private final ApiKeys keys;
    private final Clock clock;
    private final Proofs proofs;

    public Enrollment(Database database, Audit audit, Workers workers, ApiKeys keys, Clock clock) {
        this.database = database;
        this.audit = audit;
        this.workers = workers;
        this.keys = keys;
        this.clock = clock;
        this.proofs = new Proofs(clock);
    }

    /**
     * Takes over the secret of the settings, once; from then on the stored state rules.
     *
     * @throws IllegalArgumentException when it is too short, too long, or no header can carry it
     */
    public void importSecret(Secret secret) {
        String hash = hash(secret.reveal());
        database.write(tx -> {
            EnrollmentDao secrets = tx.attach(EnrollmentDao.class);
            Optional<EnrollmentSecret> known = secrets.findByHash(hash);
            if (known.isEmpty()) {
                String id = activate(tx, Caller.server(), idOf(secret.reveal()), hash, "settings");
                LOG.info("auto-enrollment is on, by the secret of the settings, known as {}", id);
            } else if (!known.get().active()) {
                LOG.warn(
                        "the enrollment secret of the settings, {}, was rotated away or disabled and stays refused;"
                                + " remove it from the settings",
                        known.get().id());
            }
            return null;
        });
    }

    /** The state of auto-enrollment; the secret itself is never told again. */
    public View show() {
        return database.read(tx -> tx.attach(EnrollmentDao.class).active())
                .map(secret -> view(secret, null))
                .orElseGet(() -> new View(false, null, null, null, null, null, null, null));
    }

    /**
     * Switches auto-enrollment off, or on with a new secret; the former one is refused from then on.
     *
     * @return with the secret when it was made here
     */
    public View change(Caller caller, Change wish) {
        if (wish.enabled() == null) {
            throw new Refusal(Code.UNPROCESSABLE, "enabled must be true or false");
        }
        View view = database.write(tx -> {
            EnrollmentDao secrets = tx.attach(EnrollmentDao.class);
            if (!wish.enabled()) {
                disable(tx, caller);
                return new View(false, null, null, null, null, null, null, null);
            }
            String made = wish.enrollmentSecret() == null
                    ? KeyString.generate(KeyString.Kind.ENROLLMENT).reveal()
                    : null;
            String secret = made == null ? wish.enrollmentSecret() : made;
            activate(tx, caller, idOf(secret), checkedHash(secrets, secret), caller.id());
            return view(secrets.active().orElseThrow(), made);
        });
        LOG.info("{} turned auto-enrollment {}", caller.id(), view.enabled() ? "on, by " + view.secretId() : "off");
        return view;
    }

    private static String checkedHash(EnrollmentDao secrets, String secret) {
        try {
            String hash = hash(secret);
            if (secrets.findByHash(hash).isPresent()) {
                throw new Refusal(Code.UNPROCESSABLE, "this secret was used before; choose a new one");
            }
            return hash;
        } catch (IllegalArgumentException e) {
            throw new Refusal(Code.UNPROCESSABLE, e.getMessage());
        }
    }

    private static String hash(String secret) {
        if (secret.length() < SHORTEST || !AuthorizationHeader.canCarry(secret)) {
            throw new IllegalArgumentException("an enrollment secret has " + SHORTEST + " to "
                    + AuthorizationHeader.LONGEST_SECRET + " printable ASCII characters, without spaces and commas");
        }
        return Digests.sha256Hex(secret);
    }

    /** A secret of our making holds its public id. */
    private static String idOf(String secret) {
        return KeyString.parse(secret).map(KeyString::id).orElseGet(() -> Randomness.hex(128));
    }

    private String activate(Handle tx, Caller caller, String id, String hash, String createdBy) {
        EnrollmentDao secrets = tx.attach(EnrollmentDao.class);
        String former = secrets.active().map(EnrollmentSecret::id).orElse(null);
        secrets.retire(clock.instant());
        secrets.insert(id, hash, clock.instant(), createdBy);
        audit.record(tx, caller, Event.of(Action.ENROLLMENT_ENABLED, id).change("secretId", former, id));
        return id;
    }

    private void disable(Handle tx, Caller caller) {
        EnrollmentDao secrets = tx.attach(EnrollmentDao.class);
        Optional<EnrollmentSecret> former = secrets.active();
        if (former.isPresent()) {
            String id = former.get().id();
            secrets.retire(clock.instant());
            audit.record(tx, caller, Event.of(Action.ENROLLMENT_DISABLED, id).change("secretId", id, null));
        }
    }

    private static View view(EnrollmentSecret secret, String made) {
        return new View(
                true,
                secret.id(),
                secret.createdAt(),
                secret.createdBy(),
                secret.admitted(),
                secret.lastUsedAt(),
                secret.lastUsedBy(),
                made);
    }

    /** The active secret, when it is this one. */
    Optional<EnrollmentSecret> match(String secret) {
        String hash = Digests.sha256Hex(secret);
        return database.read(tx -> tx.attach(EnrollmentDao.class).active())
                .filter(active -> Digests.same(active.hash(), hash));
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
        boolean joined = database.write(tx -> {
            if (isRepeat(tx, id, wish)) {
                return false;
            }
            refuseKnownIdentity(tx, wish.identityKey());
            workers.add(tx, caller, id, wish.labels());
            Admission admission = new Admission(caller.id(), caller.origin().text());
            workers.admit(tx, caller, id, wish.identityKey(), wish.keyHash(), admission);
            keys.add(tx, caller, id, wish.keyId(), wish.keyHash());
            tx.attach(EnrollmentDao.class).count(caller.id(), id, clock.instant());
            return true;
        });
        if (joined) {
            LOG.info(
                    "worker {} joined by enrollment secret {} from {}",
                    id,
                    caller.id(),
                    caller.origin().text());
        }
        return new Enroll.Answer(id, installation);
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
            throw new Refusal(
                    Code.IDENTITY_TAKEN,
                    "this identity belongs to a worker already; a clone of its host needs an empty jobs directory");
        }
    }
}

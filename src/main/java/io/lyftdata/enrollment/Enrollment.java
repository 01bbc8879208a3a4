package io.lyftdata.enrollment;

import io.lyftdata.api.AutoEnrollment;
import io.lyftdata.api.AutoEnrollment.View;
import io.lyftdata.api.Code;
import io.lyftdata.api.Enroll;
import io.lyftdata.api.Refusal;
import io.lyftdata.apikey.ApiKeys;
import io.lyftdata.apikey.Proofs;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Event;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.auth.AuthorizationHeader;
import io.lyftdata.auth.Caller;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.db.Database;
import io.lyftdata.ledger.Change;
import io.lyftdata.ledger.Entry;
import io.lyftdata.ledger.Ledger;
import io.lyftdata.ledger.Topic;
import io.lyftdata.worker.Admission;
import io.lyftdata.worker.Isolation;
import io.lyftdata.worker.Worker;
import io.lyftdata.worker.Workers;
import java.time.Clock;
import java.util.List;
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
    private static final View OFF = new View(false, null, null, null, null, null, null, null);

    private final Database database;
    private final Restrictions restrictions;
    private final Workers workers;
    private final Isolation isolation;
    private final ApiKeys keys;
    private final Clock clock;
    private final Proofs proofs;

    public Enrollment(
            Database database,
            Restrictions restrictions,
            Workers workers,
            Isolation isolation,
            ApiKeys keys,
            Clock clock) {
        this.database = database;
        this.restrictions = restrictions;
        this.workers = workers;
        this.isolation = isolation;
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
        Candidate candidate = candidate(secret.reveal());
        if (isRetired(candidate.fingerprint())) {
            LOG.warn("the enrollment secret of the settings was rotated away or disabled and stays refused; remove it"
                    + " from the settings");
        } else if (isOff()) {
            LOG.warn("auto-enrollment was turned off, and the settings do not turn it on again: lyftdata enrollment"
                    + " enable does");
        } else if (find(candidate).isEmpty()) {
            replace(Caller.server(), candidate, "settings");
            LOG.info("auto-enrollment is on, by the secret of the settings, known as {}", candidate.id());
        }
    }

    /** The state of auto-enrollment; the secret itself is never told again. */
    public View show() {
        return active().map(secret -> view(secret, null)).orElse(OFF);
    }

    /**
     * Switches auto-enrollment off, or on with a new secret; the former one is refused from then on.
     *
     * @return with the secret when it was made here
     */
    public View change(Caller caller, AutoEnrollment.Change wish) {
        if (wish.enabled() == null) {
            throw new Refusal(Code.UNPROCESSABLE, "enabled must be true or false");
        }
        View view = wish.enabled() ? enable(caller, wish.enrollmentSecret()) : disable(caller);
        LOG.info("{} turned auto-enrollment {}", caller.id(), view.enabled() ? "on, by " + view.secretId() : "off");
        return view;
    }

    /** @param given null: one is made */
    private View enable(Caller caller, String given) {
        String made =
                given == null ? KeyString.generate(KeyString.Kind.ENROLLMENT).reveal() : null;
        Candidate candidate = checked(given == null ? made : given);
        replace(caller, candidate, caller.id());
        return view(find(candidate).orElseThrow(), made);
    }

    private View disable(Caller caller) {
        Optional<EnrollmentSecret> former = active();
        if (former.isPresent()) {
            List<Change> entries = List.of(new Change(Topic.ENROLLMENT, Change.ALL, "off"), retirement(former.get()));
            restrictions.restrict(caller, entries, tx -> retire(tx, former.get()));
        }
        return OFF;
    }

    /** The new secret takes the place of the one in force, one at a time; it is on when it was off. */
    private synchronized void replace(Caller caller, Candidate candidate, String createdBy) {
        Optional<EnrollmentSecret> former = active();
        if (former.isPresent()) {
            restrictions.restrict(caller, List.of(retirement(former.get())), tx -> activate(tx, candidate, createdBy));
        } else {
            restrictions.permit(
                    caller, new Change(Topic.ENROLLMENT, Change.ALL, "on"), tx -> activate(tx, candidate, createdBy));
        }
    }

    private static Change retirement(EnrollmentSecret secret) {
        return new Change(Topic.ENROLLMENT_SECRET, secret.fingerprint(), "retired").with("id", secret.id());
    }

    private Event activate(Handle tx, Candidate candidate, String createdBy) {
        EnrollmentDao secrets = tx.attach(EnrollmentDao.class);
        String former = secrets.active().map(EnrollmentSecret::id).orElse(null);
        secrets.retire(clock.instant());
        secrets.insert(candidate.id(), candidate.hash(), candidate.fingerprint(), clock.instant(), createdBy);
        return Event.of(Action.ENROLLMENT_ENABLED, candidate.id()).change("secretId", former, candidate.id());
    }

    private Event retire(Handle tx, EnrollmentSecret secret) {
        tx.attach(EnrollmentDao.class).retire(clock.instant());
        return Event.of(Action.ENROLLMENT_DISABLED, secret.id()).change("secretId", secret.id(), null);
    }

    /** Retires what the ledger says is retired or off, and lets it know of all that are. */
    public void follow(Handle tx) {
        for (EnrollmentSecret secret : tx.attach(EnrollmentDao.class).all()) {
            Optional<Entry> off = ledger().last(Topic.ENROLLMENT_SECRET, secret.fingerprint())
                    .or(() -> ledger().last(Topic.ENROLLMENT, Change.ALL).filter(entry -> entry.says("off")));
            if (secret.active() && off.isPresent()) {
                restrictions.replay(tx, retire(tx, secret), off.get());
            }
            if ((!secret.active() || off.isPresent()) && !isRetired(secret.fingerprint())) {
                restrictions.enter(Caller.server(), List.of(retirement(secret)));
            }
        }
    }

    private Ledger ledger() {
        return restrictions.ledger();
    }

    private boolean isRetired(String fingerprint) {
        return ledger().last(Topic.ENROLLMENT_SECRET, fingerprint).isPresent();
    }

    private boolean isOff() {
        return ledger().says(Topic.ENROLLMENT, Change.ALL, "off");
    }

    /** The secret in force. */
    private Optional<EnrollmentSecret> active() {
        return database.read(tx -> tx.attach(EnrollmentDao.class).active())
                .filter(secret -> !isRetired(secret.fingerprint()))
                .filter(secret -> !isOff());
    }

    private Optional<EnrollmentSecret> find(Candidate candidate) {
        return database.read(tx -> tx.attach(EnrollmentDao.class).findByHash(candidate.hash()));
    }

    /** What may become the secret: all of it that is kept. */
    private record Candidate(String id, String hash, String fingerprint) {}

    private Candidate checked(String secret) {
        try {
            Candidate candidate = candidate(secret);
            if (isRetired(candidate.fingerprint()) || find(candidate).isPresent()) {
                throw new Refusal(Code.UNPROCESSABLE, "this secret was used before; choose a new one");
            }
            return candidate;
        } catch (IllegalArgumentException e) {
            throw new Refusal(Code.UNPROCESSABLE, e.getMessage());
        }
    }

    private Candidate candidate(String secret) {
        if (secret.length() < SHORTEST || !AuthorizationHeader.canCarry(secret)) {
            throw new IllegalArgumentException("an enrollment secret has " + SHORTEST + " to "
                    + AuthorizationHeader.LONGEST_SECRET + " printable ASCII characters, without spaces and commas");
        }
        return new Candidate(idOf(secret), Digests.sha256Hex(secret), ledger().nameOf(new Secret(secret)));
    }

    /** A secret of our making holds its public id. */
    private static String idOf(String secret) {
        return KeyString.parse(secret).map(KeyString::id).orElseGet(() -> Randomness.hex(128));
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

    /** Whether workers may join by the secret with that id; by none when it is null. */
    public boolean isLive(String secretId) {
        return secretId != null
                && active().filter(secret -> secret.id().equals(secretId)).isPresent();
    }

    /** The active secret, when it is this one. */
    Optional<EnrollmentSecret> match(String secret) {
        String hash = Digests.sha256Hex(secret);
        return active().filter(active -> Digests.same(active.hash(), hash));
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
            isolation.refuse(owner.get().id());
            throw new Refusal(
                    Code.IDENTITY_TAKEN,
                    "this identity belongs to a worker already; a clone of its host needs an empty jobs directory");
        }
    }
}

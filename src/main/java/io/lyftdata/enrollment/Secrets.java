package io.lyftdata.enrollment;

import io.lyftdata.api.AutoEnrollment;
import io.lyftdata.api.AutoEnrollment.View;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Event;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.auth.Caller;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.db.Database;
import io.lyftdata.ledger.Change;
import io.lyftdata.ledger.Entry;
import io.lyftdata.ledger.Ledger;
import io.lyftdata.ledger.Topic;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shared secret's life. At most one is in force, with a former one beside it for an overlap; one that was rotated
 * away, disabled, or has come to its end is never accepted again. Safe for use by many threads.
 */
public final class Secrets {
    private static final Logger LOG = LoggerFactory.getLogger(Secrets.class);
    private final Database database;
    private final Restrictions restrictions;
    private final Clock clock;
    private final InForce inForce;

    public Secrets(Database database, Restrictions restrictions, Clock clock) {
        this.database = database;
        this.restrictions = restrictions;
        this.clock = clock;
        this.inForce = new InForce(database, restrictions.ledger(), clock);
    }

    /**
     * Takes over the secret of the settings, once; from then on the stored state rules.
     *
     * @throws IllegalArgumentException when it is too short, too long, or no header can carry it
     */
    public void importSecret(Secret given) {
        Candidate candidate = Candidate.of(given, ledger());
        if (inForce.isRetired(candidate.fingerprint())) {
            LOG.warn("the enrollment secret of the settings was rotated away or disabled and stays refused; remove it"
                    + " from the settings");
        } else if (inForce.isOff()) {
            LOG.warn("auto-enrollment was turned off, and the settings do not turn it on again: lyftdata enrollment"
                    + " enable does");
        } else if (isNew(candidate)) {
            replace(
                    Caller.server(),
                    candidate.secret("settings", Conditions.of(null, Optional.empty(), clock.instant())),
                    Duration.ZERO);
            LOG.info("auto-enrollment is on, by the secret of the settings, known as {}", candidate.id());
        }
    }

    /** The state of auto-enrollment; the secret itself is never told again. */
    public View show() {
        return inForce.active().map(secret -> view(secret, null)).orElse(View.OFF);
    }

    /**
     * Switches auto-enrollment off, or on with a new secret; the former one is refused from then on, or after the
     * overlap.
     *
     * @return with the secret when it was made here
     */
    public View change(Caller caller, AutoEnrollment.Change wish) {
        if (wish.enabled() == null) {
            throw new Refusal(Code.UNPROCESSABLE, "enabled must be true or false");
        }
        View view = wish.enabled() ? enable(caller, wish) : disable(caller);
        LOG.info("{} turned auto-enrollment {}", caller.id(), view.enabled() ? "on, by " + view.secretId() : "off");
        return view;
    }

    private View enable(Caller caller, AutoEnrollment.Change wish) {
        Duration overlap =
                Conditions.seconds("overlapSeconds", wish.overlapSeconds()).orElse(Duration.ZERO);
        Conditions conditions = Conditions.of(wish.terms(), inForce.active(), clock.instant());
        String made = wish.enrollmentSecret() == null
                ? KeyString.generate(KeyString.Kind.ENROLLMENT).reveal()
                : null;
        EnrollmentSecret secret =
                checked(made == null ? wish.enrollmentSecret() : made).secret(caller.id(), conditions);
        replace(caller, secret, overlap);
        return view(secret, made);
    }

    private Candidate checked(String text) {
        try {
            Candidate candidate = Candidate.of(new Secret(text), ledger());
            if (inForce.isRetired(candidate.fingerprint()) || !isNew(candidate)) {
                throw new Refusal(Code.UNPROCESSABLE, "this secret was used before; choose a new one");
            }
            return candidate;
        } catch (IllegalArgumentException e) {
            throw new Refusal(Code.UNPROCESSABLE, e.getMessage());
        }
    }

    private boolean isNew(Candidate candidate) {
        return database.read(tx -> tx.attach(EnrollmentDao.class).findByHash(candidate.hash()))
                .isEmpty();
    }

    private View disable(Caller caller) {
        List<EnrollmentSecret> live = inForce.live();
        if (!live.isEmpty()) {
            end(
                    caller,
                    live,
                    Event.of(
                            Action.ENROLLMENT_DISABLED,
                            live.get(live.size() - 1).id()),
                    null);
        }
        return View.OFF;
    }

    /** No worker joins any more, by none of them. */
    private void end(Caller caller, List<EnrollmentSecret> live, Event event, String cause) {
        List<Change> entries = new ArrayList<>();
        entries.add(new Change(Topic.ENROLLMENT, Change.ALL, "off"));
        live.forEach(secret -> entries.add(retirement(secret, null, cause)));
        restrictions.restrict(caller, entries, tx -> {
            live.forEach(secret -> tx.attach(EnrollmentDao.class).retire(secret.id(), clock.instant()));
            return event;
        });
    }

    /** The new secret takes the place of the one in force, one at a time; it is on when it was off. */
    private synchronized void replace(Caller caller, EnrollmentSecret secret, Duration overlap) {
        Instant until = clock.instant().plus(overlap);
        List<Change> entries = new ArrayList<>();
        List<EnrollmentSecret> live = inForce.live();
        live.forEach(
                former -> entries.add(retirement(former, overlap.isZero() || !former.active() ? null : until, null)));
        if (entries.isEmpty()) {
            Change on = new Change(Topic.ENROLLMENT, Change.ALL, "on");
            restrictions.permit(caller, on, tx -> activate(tx, secret, live, until));
        } else {
            restrictions.restrict(caller, entries, tx -> activate(tx, secret, live, until));
        }
    }

    private Event activate(Handle tx, EnrollmentSecret secret, List<EnrollmentSecret> live, Instant until) {
        EnrollmentDao secrets = tx.attach(EnrollmentDao.class);
        String former = null;
        for (EnrollmentSecret each : live) {
            secrets.retire(each.id(), each.active() ? until : clock.instant());
            former = each.active() ? each.id() : former;
        }
        secrets.insert(secret);
        Event event = Event.of(Action.ENROLLMENT_ENABLED, secret.id()).change("secretId", former, secret.id());
        Event told = until.isAfter(secret.createdAt()) && former != null ? event.set("overlapUntil", until) : event;
        return Conditions.of(secret).tell(told);
    }

    /** @param until from when on it is not accepted; null: from now on */
    private static Change retirement(EnrollmentSecret secret, Instant until, String cause) {
        Change entry = new Change(Topic.ENROLLMENT_SECRET, secret.fingerprint(), "retired").with("id", secret.id());
        Change bounded = until == null ? entry : entry.with(InForce.UNTIL, until.toString());
        return cause == null ? bounded : bounded.with(InForce.CAUSE, cause);
    }

    /** Switches off what has expired or is used up; the ledger then knows, and the audit log says so. */
    public void sweep() {
        Instant now = clock.instant();
        for (EnrollmentSecret secret : inForce.live()) {
            if (secret.active() && (secret.hasExpired(now) || secret.isUsedUp())) {
                endByItself(secret.id());
            }
        }
    }

    /** Switches auto-enrollment off when the secret, as it is stored now, has come to its end. */
    synchronized void endByItself(String secretId) {
        Instant now = clock.instant();
        Optional<EnrollmentSecret> over = inForce.live().stream()
                .filter(secret -> secret.id().equals(secretId) && secret.active())
                .filter(secret -> secret.hasExpired(now) || secret.isUsedUp())
                .findFirst();
        if (over.isPresent()) {
            String cause = over.get().isUsedUp() ? InForce.COUNT : "time";
            Event event = Event.of(Action.ENROLLMENT_DISABLED, secretId).set(InForce.CAUSE, cause);
            end(Caller.server(), inForce.live(), event, cause);
            LOG.info("auto-enrollment is off: secret {} was switched off by its {}", secretId, cause);
        }
    }

    /** Retires what the ledger says is retired or off, and lets it know of all that are. */
    public void follow(Handle tx) {
        for (EnrollmentSecret secret : tx.attach(EnrollmentDao.class).all()) {
            Optional<Entry> off = inForce.retirement(secret)
                    .or(() -> ledger().last(Topic.ENROLLMENT, Change.ALL).filter(entry -> entry.says("off")));
            if (secret.active() && off.isPresent()) {
                tx.attach(EnrollmentDao.class)
                        .retire(secret.id(), InForce.end(off.get()).orElseGet(clock::instant));
                restrictions.replay(tx, Event.of(Action.ENROLLMENT_DISABLED, secret.id()), off.get());
            }
            if ((!secret.active() || off.isPresent())
                    && inForce.retirement(secret).isEmpty()) {
                restrictions.enter(Caller.server(), List.of(retirement(secret, secret.retiredAt(), null)));
            }
        }
    }

    private Ledger ledger() {
        return restrictions.ledger();
    }

    /** Whether workers may join by the secret with that id; by none when it is null. */
    public boolean isLive(String secretId) {
        return inForce.isLive(secretId);
    }

    /** Those that count now. */
    InForce inForce() {
        return inForce;
    }

    private View view(EnrollmentSecret secret, String made) {
        Instant now = clock.instant();
        AutoEnrollment.Former former = inForce.live().stream()
                .filter(each -> !each.active() && each.isUsable(now))
                .findFirst()
                .map(each -> new AutoEnrollment.Former(
                        each.id(), each.retiredAt(), each.admitted(), each.lastUsedAt(), each.lastUsedBy()))
                .orElse(null);
        return new View(
                true,
                secret.id(),
                secret.createdAt(),
                secret.createdBy(),
                secret.admitted(),
                secret.lastUsedAt(),
                secret.lastUsedBy(),
                secret.expiresAt(),
                secret.useLimit(),
                secret.sources(),
                secret.labels(),
                former,
                made);
    }
}

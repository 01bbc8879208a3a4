package io.lyftdata.authority;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.certificate.RotateCa;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.auth.Caller;
import io.lyftdata.authority.Ring.Phase;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.db.Database;
import io.lyftdata.ledger.Change;
import io.lyftdata.ledger.Entry;
import io.lyftdata.ledger.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces the authority in phases: prepare (both are trusted, the old one signs), activate (both are trusted, the new
 * one signs), retire (the new one alone). Each is recorded; until it is retired, the old one can be taken back. Safe for
 * use by many threads.
 */
public final class Succession {
    private static final Logger LOG = LoggerFactory.getLogger(Succession.class);
    private static final String RETIRED = "retired";

    private final Authority authority;
    private final Adoption adoption;
    private final Database database;
    private final Audit audit;
    private final Restrictions restrictions;
    private final Consumer<Caller> onChange;

    /** @param onChange has the server's certificate issued anew when the authority that signs is another */
    public Succession(
            Authority authority,
            Adoption adoption,
            Database database,
            Audit audit,
            Restrictions restrictions,
            Consumer<Caller> onChange) {
        this.authority = authority;
        this.adoption = adoption;
        this.database = database;
        this.audit = audit;
        this.restrictions = restrictions;
        this.onChange = onChange;
    }

    /** @throws Refusal {@code conflict} when the server's certificate is not of its own making */
    static Succession require(Optional<Succession> succession) {
        return succession.orElseThrow(() -> new Refusal(
                Code.CONFLICT,
                "the certificate that clients see was not signed here (tls-cert or disable-tls): its"
                        + " authority is replaced where it was issued"));
    }

    /** Whether no replacement is under way. */
    public boolean isSettled() {
        return authority.ring().phase() == Phase.SETTLED;
    }

    /** The step that comes next. */
    public String next() {
        return switch (authority.ring().phase()) {
            case SETTLED -> "prepare";
            case PREPARED -> "activate";
            case ACTIVATED -> "retire";
        };
    }

    /** How far it has come. */
    public RotateCa.State show() {
        Ring ring = authority.ring();
        Adoption.Count count = adoption.of(authority.revision());
        return new RotateCa.State(
                ring.phase().name().toLowerCase(Locale.ROOT),
                pin(ring.active()),
                ring.other().map(Succession::pin).orElse(null),
                count.have(),
                count.onlineWithout(),
                count.offlineWithout(),
                advice(ring, count));
    }

    private static String pin(CertifiedKey key) {
        return CertifiedKey.pin(key.certificate());
    }

    private static String advice(Ring ring, Adoption.Count count) {
        return switch (ring.phase()) {
            case SETTLED -> "One authority is trusted. \"certificate rotate-ca prepare\" begins its replacement.";
            case PREPARED ->
                "Both authorities are handed out with the heartbeats, the old one signs. The new pin is "
                        + pin(ring.other().orElseThrow()) + ". When no online worker lacks it, run \"certificate"
                        + " rotate-ca activate\". "
                        + ifStolen(pin(ring.other().orElseThrow()));
            case ACTIVATED ->
                "The new authority signs, the old one is still trusted; new workers need the pin " + pin(ring.active())
                        + ". \"certificate rotate-ca retire\" ends the old one for good"
                        + (count.offlineWithout().isEmpty()
                                ? "."
                                : ": wait for the offline workers that lack the new one, or give each of them the new"
                                        + " pin (--tls-pin).");
        };
    }

    private static String ifStolen(String pin) {
        return "If ca.key was stolen, its thief can pose as this server and hand workers a bundle of his own: then do not"
                + " rely on the count, carry the pin " + pin + " to every worker by a way of your own (--tls-pin), and"
                + " activate and retire at once, with --force.";
    }

    /**
     * Takes one step.
     *
     * @throws Refusal {@code conflict} when it is not the step that is due, or online workers would be stranded
     */
    public synchronized RotateCa.State take(Caller caller, RotateCa wish) {
        boolean forced = Boolean.TRUE.equals(wish.force());
        switch (String.valueOf(wish.step())) {
            case "prepare" -> prepare(caller);
            case "activate" -> activate(caller, forced);
            case "retire" -> retire(caller, forced);
            case "rollback" -> rollBack(caller);
            default -> throw new Refusal(Code.UNPROCESSABLE, "step must be prepare, activate, retire or rollback");
        }
        LOG.info(
                "the authority's replacement was taken to {} by {}",
                authority.ring().phase(),
                caller.id());
        return show();
    }

    private void prepare(Caller caller) {
        Ring ring = require(Phase.SETTLED, "a replacement is under way already: go on with it, or roll it back");
        CertifiedKey successor = authority.successor();
        record(caller, Action.AUTHORITY_PREPARED, pin(successor), ring.prepared(successor));
    }

    private void activate(Caller caller, boolean forced) {
        Ring ring = require(Phase.PREPARED, "there is no prepared authority: run \"certificate rotate-ca prepare\"");
        refuseToStrand(forced);
        record(caller, Action.AUTHORITY_ACTIVATED, pin(ring.other().orElseThrow()), ring.activated());
        onChange.accept(caller);
    }

    private void retire(Caller caller, boolean forced) {
        Ring ring = require(
                Phase.ACTIVATED,
                "there is no authority to retire: \"certificate rotate-ca activate\" comes" + " first");
        refuseToStrand(forced);
        restrict(caller, ring.other().orElseThrow(), ring.alone());
        onChange.accept(caller);
    }

    private void rollBack(Caller caller) {
        Ring ring = authority.ring();
        if (ring.phase() == Phase.SETTLED) {
            throw new Refusal(Code.CONFLICT, "there is nothing to roll back: an authority that was retired stays so");
        }
        CertifiedKey elder = ring.elder();
        CertifiedKey dropped =
                ring.phase() == Phase.ACTIVATED ? ring.active() : ring.other().orElseThrow();
        record(
                caller,
                Action.AUTHORITY_ROLLED_BACK,
                pin(dropped),
                Ring.of(elder).prepared(dropped));
        restrict(caller, dropped, Ring.of(elder));
        onChange.accept(caller);
    }

    private Ring require(Phase phase, String sentence) {
        Ring ring = authority.ring();
        if (ring.phase() != phase) {
            throw new Refusal(Code.CONFLICT, sentence);
        }
        return ring;
    }

    private void refuseToStrand(boolean forced) {
        List<String> lacking = adoption.of(authority.revision()).onlineWithout();
        if (!forced && !lacking.isEmpty()) {
            throw new Refusal(
                            Code.CONFLICT,
                            lacking.size() + " online workers lack the new authority, " + lacking.get(0)
                                    + " among them: they take it with their next heartbeats; wait, or add --force and"
                                    + " give them the new pin")
                    .with("lacking", lacking.stream().limit(100).toList());
        }
    }

    private void record(Caller caller, Action action, String pin, Ring next) {
        Ring before = authority.ring();
        try {
            database.write(tx -> {
                audit.notice(tx, caller, Event.of(action, pin), Authority.NOTICED, pin(next.active()));
                replace(next);
                return null;
            });
        } catch (RuntimeException e) {
            replace(before);
            throw e;
        }
    }

    /** What must never be trusted again is in the ledger before anything else. */
    private void restrict(Caller caller, CertifiedKey ended, Ring next) {
        String pin = pin(ended);
        try {
            restrictions.restrict(caller, List.of(new Change(Topic.CA, pin, RETIRED)), tx -> {
                tx.attach(AdoptionDao.class).retire(pin);
                return retired(pin);
            });
        } finally {
            if (restrictions.ledger().says(Topic.CA, pin, RETIRED)) {
                replace(next);
            }
        }
    }

    private static Event retired(String pin) {
        return Event.of(Action.AUTHORITY_RETIRED, pin);
    }

    private void replace(Ring next) {
        try {
            authority.replace(next);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Brings the database to what the ledger says of retired authorities. */
    public static void follow(Handle tx, Restrictions restrictions) {
        for (Entry entry : restrictions.ledger().all(Topic.CA)) {
            String pin = entry.change().subject();
            if (tx.attach(AdoptionDao.class).retire(pin)) {
                restrictions.replay(tx, retired(pin), entry);
            }
        }
    }
}

package io.lyftdata.lockdown;

import inet.ipaddr.IPAddress;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.lockdown.Lockdown.View;
import io.lyftdata.api.lockdown.Lockdown.Wish;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Event;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.auth.Addresses;
import io.lyftdata.auth.Authenticators;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Origin;
import io.lyftdata.auth.Role;
import io.lyftdata.ledger.Change;
import io.lyftdata.ledger.Entry;
import io.lyftdata.ledger.Topic;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * While it is on, only administrators get in, from this host and from the named addresses, besides the few routes that
 * keep workers' keys alive. It is in force as soon as the ledger has it, whatever becomes of the database, and over
 * restart and restore. Safe for use by many threads.
 */
public final class Lockdown implements Authenticators.Gate {
    private static final Logger LOG = LoggerFactory.getLogger(Lockdown.class);

    private final Restrictions restrictions;

    public Lockdown(Restrictions restrictions) {
        this.restrictions = restrictions;
    }

    public View view() {
        return last().filter(entry -> State.of(entry).on())
                .map(entry -> new View(true, State.of(entry).from(), entry.time(), entry.fact("by")))
                .orElse(View.OFF);
    }

    /** Whether it is on. */
    public boolean isOn() {
        return state().on();
    }

    private State state() {
        return last().map(State::of).orElse(State.OFF);
    }

    private Optional<Entry> last() {
        return restrictions.ledger().last(Topic.LOCKDOWN, Change.ALL);
    }

    /**
     * Switches it; what is so already is not done again.
     *
     * @throws Refusal {@code unprocessable} for what it does not understand, and for a caller that would shut itself out
     */
    public synchronized View set(Caller caller, Wish wish) {
        State before = state();
        State due = wanted(wish);
        if (due.on() && isOverNetwork(caller) && !admits(due, caller.origin())) {
            throw new Refusal(
                    Code.UNPROCESSABLE,
                    "your own address (" + caller.origin().text() + ") is not among those named, so you could not"
                            + " switch it off again: name it, or switch it on from the server's host");
        }
        if (!due.equals(before)) {
            put(caller, before, due);
            LOG.warn("{} switched the lockdown {}", caller.id(), due.text());
        }
        return view();
    }

    private static State wanted(Wish wish) {
        List<String> from = wish.from() == null ? List.of() : wish.from();
        if (wish.on() == null || (!wish.on() && !from.isEmpty())) {
            throw new Refusal(
                    Code.UNPROCESSABLE, "on must be true, with the addresses in from if there are any, or false");
        }
        return wish.on() ? State.on(from) : State.OFF;
    }

    private static boolean isOverNetwork(Caller caller) {
        return caller.kind() == Caller.Kind.USER || caller.kind() == Caller.Kind.TOKEN;
    }

    private void put(Caller caller, State before, State due) {
        if (due.isAsStrictAs(before)) {
            restrictions.restrict(caller, List.of(due.entry()), tx -> record(tx, before, due));
        } else {
            restrictions.permit(caller, due.entry(), tx -> record(tx, before, due));
        }
    }

    private static Event record(Handle tx, State before, State due) {
        tx.attach(LockdownDao.class).put(due.text());
        return Event.of(due.on() ? Action.LOCKDOWN_BEGUN : Action.LOCKDOWN_ENDED, "")
                .change("from", before.on() ? before.from() : null, due.on() ? due.from() : null);
    }

    /** Brings the database to the ledger's state, and a ledger that was lost to the database's. */
    public void follow(Handle tx) {
        State known = tx.attach(LockdownDao.class).state().map(State::parse).orElse(State.OFF);
        Optional<Entry> last = last();
        if (last.isEmpty() && known.on()) {
            restrictions.enter(Caller.server(), List.of(known.entry()));
        }
        last.filter(entry -> !State.of(entry).equals(known))
                .ifPresent(entry -> restrictions.replay(tx, record(tx, known, State.of(entry)), entry));
    }

    @Override
    public void admit(Origin origin) {
        State state = state();
        if (state.on() && !admits(state, origin)) {
            throw lockedDown();
        }
    }

    @Override
    public void admit(Caller caller) {
        admit(caller.origin());
        if (isOn() && caller.role() != Role.ADMIN) {
            throw lockedDown();
        }
    }

    private static Refusal lockedDown() {
        return new Refusal(
                Code.LOCKED_DOWN,
                "the server is locked down for an incident: only its administrators get in, from named addresses; keep"
                        + " what you have and try again later");
    }

    private static boolean admits(State state, Origin origin) {
        return isOfHost(origin) || (!state.from().isEmpty() && Addresses.isFrom(state.from(), origin));
    }

    /** Nobody else can hold a connection that comes from one of this host's own addresses. */
    private static boolean isOfHost(Origin origin) {
        return origin.address().filter(Lockdown::isOwn).isPresent()
                && origin.proxy().map(Lockdown::isOwn).orElse(true);
    }

    private static boolean isOwn(IPAddress address) {
        try {
            InetAddress peer = address.toInetAddress();
            return peer.isLoopbackAddress() || NetworkInterface.getByInetAddress(peer) != null;
        } catch (SocketException e) {
            return false;
        }
    }
}

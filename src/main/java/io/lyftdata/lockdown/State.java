package io.lyftdata.lockdown;

import inet.ipaddr.IPAddress;
import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.auth.Addresses;
import io.lyftdata.ledger.Change;
import io.lyftdata.ledger.Entry;
import io.lyftdata.ledger.Topic;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Whether it is on, and for whom; the ledger's entry and the database's row hold the same.
 *
 * @param from addresses and networks in canonical form; empty while it is off
 */
record State(boolean on, List<String> from) {
    static final State OFF = new State(false, List.of());

    private static final String ON = "on";
    private static final String FROM = "admits";
    private static final int WIDEST_IPV4 = 24;
    private static final int WIDEST_IPV6 = 64;
    private static final int MOST = 100;
    private static final Pattern COMMA = Pattern.compile(",");

    /** On, for those: each as {@link Addresses#network}, and none so wide that strangers are in it. */
    static State on(List<String> texts) {
        try {
            if (texts.size() > MOST) {
                throw new IllegalArgumentException("from has at most " + MOST + " addresses");
            }
            return new State(
                    true, texts.stream().map(State::narrow).distinct().sorted().toList());
        } catch (IllegalArgumentException e) {
            throw new Refusal(Code.UNPROCESSABLE, e.getMessage());
        }
    }

    private static String narrow(String text) {
        IPAddress network = Addresses.network(String.valueOf(text));
        int widest = network.isIPv4() ? WIDEST_IPV4 : WIDEST_IPV6;
        if (network.isPrefixed() && network.getNetworkPrefixLength() < widest) {
            throw new IllegalArgumentException(
                    "`" + text + "` is wider than /" + widest + ": name the administrators' own addresses");
        }
        return network.toCanonicalString();
    }

    static State of(Entry entry) {
        return entry.says(ON) ? parse(ON + " " + String.valueOf(entry.fact(FROM))) : OFF;
    }

    static State parse(String text) {
        if (!text.startsWith(ON + " ")) {
            return OFF;
        }
        String list = text.substring(ON.length() + 1);
        return new State(
                true, list.isEmpty() ? List.of() : COMMA.splitAsStream(list).toList());
    }

    /** As the database keeps it, and {@link #parse} reads it. */
    String text() {
        return on ? ON + " " + String.join(",", from) : "off";
    }

    Change entry() {
        Change entry = new Change(Topic.LOCKDOWN, Change.ALL, on ? ON : "off");
        return on ? entry.with(FROM, String.join(",", from)) : entry;
    }

    /** Whether it lets nobody in whom the other keeps out. */
    boolean isAsStrictAs(State other) {
        return on && (!other.on || from.stream().allMatch(each -> isWithin(other.from, each)));
    }

    private static boolean isWithin(List<String> networks, String each) {
        return networks.stream().anyMatch(network -> Addresses.network(network).contains(Addresses.network(each)));
    }
}

package io.lyftdata.chain;

import io.lyftdata.audit.Action;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Event;
import io.lyftdata.auth.Addresses;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Origin;
import io.lyftdata.auth.Role;
import io.lyftdata.db.Database;
import java.util.Optional;

/** Chains to read, with people, addresses and actions that differ, and a few rare ones. */
final class ChainFixture {
    static final String INSTALLATION = "0123456789abcdef0123456789abcdef";
    static final String RARE_ADDRESS = "192.0.2.99";

    private static final Action[] ACTIONS = {
        Action.SESSION_BEGUN, Action.SESSION_ENDED, Action.API_KEY_REGISTERED, Action.WORKER_ADMITTED
    };
    private static final int RARE = 100_000;
    private static final int PEOPLE = 20;
    private static final int TRANSACTION = 5_000;

    private ChainFixture() {}

    static Caller caller(String name, String address) {
        return new Caller(
                Caller.Kind.USER,
                name,
                Role.ADMIN,
                "0123456789abcdef0123456789abcdef",
                new Origin(Addresses.address(address), Optional.empty()));
    }

    /** Appends so many records; every 100,000th is the removal of user {@code gone}, from a rare address. */
    static void append(Database database, Audit audit, int records) {
        for (int from = 0; from < records; from += TRANSACTION) {
            int first = from;
            database.write(tx -> {
                for (int i = first; i < Math.min(first + TRANSACTION, records); i++) {
                    boolean rare = i % RARE == RARE / 2;
                    Caller caller = rare
                            ? caller("mallory", RARE_ADDRESS)
                            : caller("user" + i % PEOPLE, "198.51.100." + i % 200);
                    Event event = Event.of(
                            rare ? Action.USER_REMOVED : ACTIONS[i % ACTIONS.length],
                            rare ? "gone" : "subject" + i % 5_000);
                    audit.record(tx, caller, event.set("role", "viewer").change("labels", null, "zone=a,rack=" + i));
                }
                return null;
            });
        }
    }
}

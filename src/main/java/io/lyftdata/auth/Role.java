package io.lyftdata.auth;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a caller may do. People's roles include the weaker ones; a machine's role is only itself. */
public enum Role {
    VIEWER(1),
    OPERATOR(2),
    ADMIN(3),
    /** A worker with a key of its own. */
    WORKER(0),
    /** A worker with a bootstrap key, which may only register its own. */
    BOOTSTRAP(0),
    /** A worker-to-be that knows the enrollment secret. */
    ENROLLING(0),
    /** An allowlisted collector. */
    COLLECTOR(0),
    /** Someone who has proved nothing; no route is for them. */
    NOBODY(0);

    private final int rank;

    Role(int rank) {
        this.rank = rank;
    }

    /** Whether a caller with this role may do what asks for the other. */
    public boolean includes(Role other) {
        return this == other || (isPersonal() && other.isPersonal() && rank >= other.rank);
    }

    /** Whether people, and their tokens, have it. */
    public boolean isPersonal() {
        return rank > 0;
    }

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** One of people's roles by its name. */
    public static Optional<Role> ofPerson(String text) {
        return Arrays.stream(values())
                .filter(role -> role.isPersonal() && role.wire().equals(text))
                .findFirst();
    }
}

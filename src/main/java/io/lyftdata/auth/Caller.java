package io.lyftdata.auth;

import jakarta.servlet.ServletRequest;
import java.security.Principal;
import java.util.Objects;
import java.util.Optional;

/**
 * Who is calling, as proved by the one credential on the request.
 *
 * @param kind by what it proved itself
 * @param id public: user name, token id, worker id, enrollment secret id, or a collector's name
 * @param role what it may do
 * @param keyId public id of the key, token or session used; empty for those without
 * @param origin where it calls from
 */
public record Caller(Kind kind, String id, Role role, String keyId, Origin origin) implements Principal {
    /** How a caller proves itself; {@code HOST} is the admin connector, {@code SERVER} the server's own work,
     * {@code STRANGER} who has proved nothing. */
    public enum Kind {
        USER,
        TOKEN,
        WORKER,
        ENROLLMENT,
        COLLECTOR,
        HOST,
        SERVER,
        STRANGER
    }

    public Caller {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(id);
        Objects.requireNonNull(role);
        Objects.requireNonNull(keyId);
        Objects.requireNonNull(origin);
    }

    /** Who sent the request, once the auth filter knows. */
    public static Optional<Caller> of(ServletRequest request) {
        return Optional.ofNullable((Caller) request.getAttribute(AuthFilter.CALLER));
    }

    @Override
    public String getName() {
        return id;
    }

    /** Whoever reads {@code admin.token} on this host. */
    public static Caller host() {
        return new Caller(Kind.HOST, "host", Role.ADMIN, "", Origin.NONE);
    }

    /** The server's own work: sweepers, first start. */
    public static Caller server() {
        return new Caller(Kind.SERVER, "server", Role.ADMIN, "", Origin.NONE);
    }

    /** Whoever has proved nothing, for the record. */
    public static Caller stranger(Origin origin) {
        return new Caller(Kind.STRANGER, "", Role.NOBODY, "", origin);
    }
}

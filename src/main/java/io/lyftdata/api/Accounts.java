package io.lyftdata.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;

/** {@code /api/users} and {@code /api/tokens}. */
public final class Accounts {
    private Accounts() {}

    public record AddUser(String name, String password, String role) {
        @Override
        public String toString() {
            return "AddUser[name=" + name + ", password=[redacted], role=" + role + "]";
        }
    }

    public record SetPassword(String password) {
        @Override
        public String toString() {
            return "SetPassword[password=[redacted]]";
        }
    }

    public record User(String name, String role, Instant createdAt, Instant passwordChangedAt) {}

    /**
     * The wish for a token.
     *
     * @param name what the token is for
     * @param role {@code admin}, {@code operator} or {@code viewer}; not above the issuer's own
     * @param expiresInSeconds how long it lives
     * @param sources addresses or networks it may be used from; empty: anywhere
     */
    public record IssueToken(String name, String role, long expiresInSeconds, List<String> sources) {}

    /**
     * The answer that holds a new token.
     *
     * @param token {@code lyd_at_…}, shown this once
     */
    public record IssuedToken(String id, String token, Instant expiresAt) {
        @Override
        public String toString() {
            return "IssuedToken[id=" + id + ", token=[redacted]]";
        }
    }

    /**
     * What is known of a token; never the token.
     *
     * @param state {@code active}, {@code expired} or {@code revoked}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Token(
            String id,
            String name,
            String role,
            String owner,
            List<String> sources,
            String state,
            Instant createdAt,
            Instant expiresAt,
            Instant lastUsedAt,
            Instant revokedAt) {}
}

package io.lyftdata.api;

import java.time.Instant;

/** {@code POST /api/login} and {@code POST /api/logout}. */
public final class Login {
    private Login() {}

    public record Request(String username, String password) {
        @Override
        public String toString() {
            return "Login.Request[username=" + username + ", password=[redacted]]";
        }
    }

    /**
     * @param token {@code lyd_se_…}, shown this once
     * @param expiresAt the absolute end; an idle session ends earlier
     */
    public record Answer(String token, Instant expiresAt) {
        @Override
        public String toString() {
            return "Login.Answer[token=[redacted], expiresAt=" + expiresAt + "]";
        }
    }
}

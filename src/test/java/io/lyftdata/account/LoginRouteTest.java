package io.lyftdata.account;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lyftdata.audit.Audit;
import io.lyftdata.audit.Restrictions;
import io.lyftdata.auth.Authenticators;
import io.lyftdata.auth.RefusalLimiter;
import io.lyftdata.auth.TrustedProxies;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.lyftdata.testing.FixtureServer;
import io.lyftdata.testing.MovableClock;
import io.lyftdata.testing.RawClient.Answer;
import io.lyftdata.testing.TestLedger;
import io.lyftdata.token.TokenAuthenticator;
import io.lyftdata.token.TokenResource;
import io.lyftdata.token.Tokens;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoginRouteTest {
    private static final String PASSWORD = "blue-horse-9-lamp";
    private static final String GOOD = "{\"username\":\"admin\",\"password\":\"" + PASSWORD + "\"}";
    private static final String BAD = "{\"username\":\"admin\",\"password\":\"wrong\"}";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    private final DatabaseOpener opener = new DatabaseOpener();
    private FixtureServer server;

    @BeforeEach
    void start() throws Exception {
        MovableClock clock = new MovableClock();
        Database database = opener.openSqlite(directory.resolve("control.db"));
        Audit audit = new Audit(database, "00000000000000000000000000000000", clock);
        Restrictions restrictions = TestLedger.restrictions(directory, database, audit, clock);
        AdminPassword adminPassword =
                new AdminPassword(database, audit, restrictions, clock, directory.resolve("admin-password"));
        adminPassword.firstStart(Optional.of(new Secret(PASSWORD)));
        Tokens tokens = new Tokens(database, audit, restrictions, clock);
        Sessions sessions = new Sessions(database, audit, restrictions, clock, new SessionConfig(null, null));
        Logins logins = new Logins(database, sessions, restrictions, new RefusalLimiter(3, () -> 0));
        server = new FixtureServer(
                new Authenticators(
                        Map.of(
                                KeyString.Kind.SESSION, new SessionAuthenticator(sessions)::authenticate,
                                KeyString.Kind.API_TOKEN, new TokenAuthenticator(tokens, clock)::authenticate),
                        presented -> {
                            throw new AssertionError();
                        },
                        (origin, part) -> false,
                        Authenticators.Gate.NONE),
                new TrustedProxies(List.of(), TrustedProxies.Header.X_FORWARDED_FOR),
                new RefusalLimiter(60, System::nanoTime),
                new LoginLimit(logins),
                new LoginResource(logins, sessions),
                new UserResource(new Accounts(database, audit, restrictions, clock, tokens, adminPassword)),
                new TokenResource(tokens));
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        opener.close();
    }

    private Answer call(String method, String path, String session, String body) throws IOException {
        return callFrom("127.0.0.1", method, path, session, body);
    }

    private Answer callFrom(String from, String method, String path, String session, String body) throws IOException {
        String credential = session.isEmpty() ? "X-Nothing: here" : "Authorization: Bearer " + session;
        return server.client().call(from, method, path, body, "Content-Type: application/json", credential);
    }

    private String login() throws IOException {
        Answer answer = call("POST", "/api/login", "", GOOD);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("\"expiresAt\":\"2026-11-24T00:00:00.000Z\"");
        return JSON.readTree(answer.body()).get("token").textValue();
    }

    @Test
    void aSessionReachesUsersAndTokensUntilItLogsOut() throws Exception {
        String session = login();
        assertThat(call("GET", "/api/users", session, "").body())
                .contains("\"name\":\"admin\"")
                .doesNotContain("argon2");
        String user = "{\"name\":\"bob\",\"password\":\"green-whale-7-door\",\"role\":\"viewer\"}";
        assertThat(call("POST", "/api/users", session, user).status()).isEqualTo(200);
        assertThat(call("POST", "/api/users", session, user).status()).isEqualTo(409);
        String wish = "{\"name\":\"ci\",\"role\":\"viewer\",\"expiresInSeconds\":60,\"sources\":[\"127.0.0.1\"]}";
        Answer issued = call("POST", "/api/tokens", session, wish);
        String token = JSON.readTree(issued.body()).get("token").textValue();
        assertThat(call("GET", "/api/users", token, "").status())
                .as("a viewer's token")
                .isEqualTo(403);
        assertThat(callFrom("127.0.0.3", "GET", "/api/users", token, "").body()).contains("address_refused");
        String id = JSON.readTree(issued.body()).get("id").textValue();
        assertThat(call("GET", "/api/tokens", session, "").body())
                .contains(id)
                .contains("\"state\":\"active\"")
                .doesNotContain("hash", token);
        assertThat(call("DELETE", "/api/tokens/" + id, session, "").status()).isEqualTo(204);
        assertThat(call("GET", "/api/users", token, "").body()).contains("key_revoked");
        assertThat(call("PUT", "/api/users/bob/password", session, "{\"password\":\"short\"}")
                        .status())
                .isEqualTo(422);
        assertThat(call("DELETE", "/api/users/bob", session, "").status()).isEqualTo(204);
        assertThat(call("DELETE", "/api/users/admin", session, "").status()).isEqualTo(409);
        assertThat(call("POST", "/api/logout", session, "").status()).isEqualTo(204);
        assertThat(call("GET", "/api/users", session, "").body()).contains("key_revoked");
    }

    @Test
    void refusedLoginsCloseTheRouteBeforeTheBodyIsRead() throws Exception {
        for (int i = 0; i < 3; i++) {
            Answer refused = call("POST", "/api/login", "", BAD);
            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.body()).contains("login_refused");
            assertThat(refused.header("WWW-Authenticate")).isEqualTo("Bearer realm=\"lyftdata\"");
        }
        Answer closed = call("POST", "/api/login", "", "no json at all");
        assertThat(closed.status()).isEqualTo(429);
        assertThat(closed.header("Retry-After")).isEqualTo("20");
        assertThat(call("POST", "/api/login", "", GOOD).status()).isEqualTo(429);
        assertThat(callFrom("127.0.0.3", "POST", "/api/login", "", GOOD).status())
                .isEqualTo(200);
    }

    @Test
    void bodiesWithoutUserOrPasswordAreRefusedAsAnyWrongOne() throws Exception {
        assertThat(call("POST", "/api/login", "", "{}").status()).isEqualTo(401);
        assertThat(call("POST", "/api/login", "", "{\"username\":null,\"password\":null}")
                        .status())
                .isEqualTo(401);
        assertThat(call("POST", "/api/login", "", "{\"username\":[\"admin\"]}").status())
                .isEqualTo(422);
    }
}

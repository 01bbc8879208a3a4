package io.lyftdata.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.allowlist.Allowlist;
import io.lyftdata.crypto.KeyString;
import io.lyftdata.http.FixtureResource;
import io.lyftdata.testing.FixtureKeys;
import io.lyftdata.testing.FixtureServer;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.RawClient.Answer;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

public class AuthTest {
    private static final String HERE = "127.0.0.1";
    private static final String LISTED = "127.0.0.5";
    private static final String PROXY = "127.0.0.8";

    private final FixtureKeys keys = new FixtureKeys();
    private final TrustedProxies proxies =
            new TrustedProxies(Addresses.networks(List.of(PROXY)), TrustedProxies.Header.X_FORWARDED_FOR);
    private final Allowlist allowlist = new Allowlist(
            Allowlist.parse(List.of(LISTED, "198.51.100.1=logs", "198.51.100.2"), proxies.networks()), entry -> {});
    private FixtureServer server;

    @BeforeEach
    void start() throws Exception {
        server = new FixtureServer(
                keys.authenticators(allowlist::allows),
                proxies,
                new RefusalLimiter(60, () -> 0),
                new FixtureResource());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer call(String from, String method, String path, String... headers) throws IOException {
        return server.client().call(from, method, path, new byte[0], headers);
    }

    private void assertRefused(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.body()).contains("\"code\":\"" + code + "\"");
        assertThat(answer.header("WWW-Authenticate")).isEqualTo(status == 401 ? "Bearer realm=\"lyftdata\"" : "");
    }

    @Test
    void onlyTheRolesOfAMethodPass() throws Exception {
        String viewer = keys.line(KeyString.Kind.API_TOKEN, Role.VIEWER);
        String admin = keys.line(KeyString.Kind.SESSION, Role.ADMIN);
        String worker = keys.line(KeyString.Kind.WORKER, Role.WORKER);
        assertThat(call(HERE, "GET", "/api/who", viewer).body()).isEqualTo("{\"id\":\"c-viewer\"}");
        assertThat(call(HERE, "GET", "/api/who", admin).body()).isEqualTo("{\"id\":\"c-admin\"}");
        assertThat(call(HERE, "POST", "/api/admin", admin).status()).isEqualTo(200);
        assertRefused(call(HERE, "POST", "/api/admin", viewer), 403, "role_missing");
        assertRefused(call(HERE, "GET", "/api/who", worker), 403, "role_missing");
        assertThat(call(HERE, "HEAD", "/api/who").status()).isEqualTo(401);
        assertRefused(call(HERE, "POST", "/api/admin"), 401, "credentials_missing");
        assertThat(call(HERE, "GET", "/api/open").status()).isEqualTo(200);
    }

    @Test
    void badCredentialsAreTyped() throws Exception {
        String unknown = "Authorization: Bearer "
                + KeyString.generate(KeyString.Kind.WORKER).reveal();
        assertRefused(call(HERE, "GET", "/api/who", unknown), 401, "key_unknown");
        String host = "Authorization: Bearer "
                + KeyString.generate(KeyString.Kind.HOST).reveal();
        assertRefused(call(HERE, "GET", "/api/who", host), 401, "key_unknown");
        for (String malformed : List.of("Bearer x", "Basic YTpi", "Bearer lyd_wk_1", "x", "Bearer")) {
            assertRefused(call(HERE, "GET", "/api/who", "Authorization: " + malformed), 401, "credentials_malformed");
        }
        assertRefused(call(HERE, "POST", "/api/enroll", "Authorization: Enrollment wrong"), 401, "enrollment_refused");
        String secret = "Authorization: Enrollment " + FixtureKeys.SECRET;
        assertThat(call(HERE, "POST", "/api/enroll", secret).status()).isEqualTo(200);
        assertRefused(call(HERE, "GET", "/api/who", secret), 403, "role_missing");
    }

    @Test
    void twoHeadersAreABadRequestOnEveryRoute() throws Exception {
        String viewer = keys.line(KeyString.Kind.API_TOKEN, Role.VIEWER);
        for (String path : List.of("/api/who", "/api/open", "/api/nowhere")) {
            assertRefused(call(HERE, "GET", path, viewer, viewer), 400, "bad_request");
            assertRefused(call(HERE, "GET", path, viewer, "authorization: WHITELIST"), 400, "bad_request");
        }
    }

    @Test
    void aListedCollectorReadsTheOpenedRouteOnly() throws Exception {
        String any = "Authorization: WHITELIST any";
        assertThat(call(LISTED, "GET", "/api/metrics", any).body()).isEqualTo("{\"id\":\"any\"}");
        assertThat(call(LISTED, "HEAD", "/api/metrics", any).status()).isEqualTo(200);
        assertRefused(call(HERE, "GET", "/api/metrics", any), 403, "address_refused");
        assertRefused(call(LISTED, "GET", "/api/metrics"), 401, "credentials_missing");
        for (String from : List.of(LISTED, HERE)) {
            assertRefused(call(from, "GET", "/api/who", any), 403, "role_missing");
            assertRefused(call(from, "POST", "/api/admin", any), 403, "role_missing");
            assertRefused(call(from, "POST", "/api/enroll", any), 403, "role_missing");
            assertRefused(call(from, "GET", "/api/sub/closed", any), 403, "role_missing");
            assertRefused(call(from, "POST", "/api/metrics", any), 405, "method_not_allowed");
        }
        allowlist.replace(List.of());
        assertRefused(call(LISTED, "GET", "/api/metrics", any), 403, "address_refused");
    }

    @Test
    void aWrongKeyFromAListedAddressFallsThroughToNothing() throws Exception {
        String unknown = "Authorization: Bearer "
                + KeyString.generate(KeyString.Kind.WORKER).reveal();
        assertRefused(call(LISTED, "GET", "/api/metrics", unknown), 401, "key_unknown");
        assertRefused(call(LISTED, "GET", "/api/metrics", "Authorization: Bearer x"), 401, "credentials_malformed");
    }

    @Test
    void aDatabaseThatIsAwayOpensNothing() throws Exception {
        Answer answer = call(LISTED, "GET", "/api/metrics", keys.lostLine());
        assertRefused(answer, 503, "unavailable");
        assertThat(answer.header("Retry-After")).isEqualTo("5");
        assertThat(answer.body()).doesNotContain("secret-detail");
    }

    @Test
    void forwardedHeadersCountOnlyFromATrustedProxy() throws Exception {
        String any = "Authorization: WHITELIST any";
        String listed = "X-Forwarded-For: " + LISTED;
        assertRefused(call(HERE, "GET", "/api/metrics", any, listed), 403, "address_refused");
        assertThat(call(PROXY, "GET", "/api/metrics", any, listed).status()).isEqualTo(200);
        assertRefused(call(PROXY, "GET", "/api/metrics", any), 403, "address_refused");
        assertRefused(call(PROXY, "GET", "/api/metrics", any, listed + ", 192.0.2.1"), 403, "address_refused");
        assertThat(call(PROXY, "GET", "/api/metrics", any, "X-Forwarded-For: 192.0.2.1", listed)
                        .status())
                .isEqualTo(200);
        assertRefused(
                call(PROXY, "GET", "/api/metrics", any, listed, "X-Forwarded-For: 192.0.2.1"), 403, "address_refused");
        assertRefused(call(PROXY, "GET", "/api/metrics", any, listed + ", garbage"), 403, "address_refused");
        for (String other : List.of("Forwarded: for=", "X-Real-IP: ", "True-Client-IP: ", "CF-Connecting-IP: ")) {
            assertRefused(call(PROXY, "GET", "/api/metrics", any, other + LISTED), 403, "address_refused");
            assertRefused(call(HERE, "GET", "/api/metrics", any, other + LISTED), 403, "address_refused");
        }
        assertThat(call(PROXY, "GET", "/api/metrics", any, "X-Forwarded-For: 198.51.100.2")
                        .status())
                .isEqualTo(200);
        assertRefused(call(PROXY, "GET", "/api/metrics", any, "X-Forwarded-For: 198.51.100.1"), 403, "address_refused");
        assertThat(call(PROXY, "GET", "/api/open").body()).isEqualTo("{\"address\":\"unknown\"}");
        String viewer = keys.line(KeyString.Kind.API_TOKEN, Role.VIEWER);
        assertThat(call(PROXY, "GET", "/api/who", viewer).status()).isEqualTo(200);
    }

    @Test
    void guessingIsSlowedDownAndGoodCredentialsPass() throws Exception {
        String viewer = keys.line(KeyString.Kind.API_TOKEN, Role.VIEWER);
        Answer last = null;
        for (int i = 0; i < 70; i++) {
            last = call(
                    HERE,
                    "GET",
                    "/api/who",
                    "Authorization: Bearer "
                            + KeyString.generate(KeyString.Kind.WORKER).reveal());
        }
        assertRefused(last, 429, "too_many_requests");
        assertThat(last.header("Retry-After")).matches("[1-9][0-9]?");
        assertThat(call(HERE, "GET", "/api/who", viewer).status()).isEqualTo(200);
        assertRefused(call(HERE, "GET", "/api/who"), 401, "credentials_missing");
        assertRefused(call(LISTED, "GET", "/api/who", "Authorization: Bearer x"), 401, "credentials_malformed");
        byte[] body = "{".repeat(4_000).getBytes(UTF_8);
        Answer enroll = server.client().call(HERE, "POST", "/api/enroll", body, "Authorization: Enrollment wrong");
        assertRefused(enroll, 429, "too_many_requests");
    }

    /** Its store holds 6,000 calls, and fills by 100 a second while it is emptied. */
    @Test
    void aWorkerThatRunsWildIsSlowedDownAndNoOtherOfItsAddress() throws Exception {
        RawClient client = server.client();
        String wild = keys.line(KeyString.Kind.WORKER, Role.WORKER, "wild");
        String calm = keys.line(KeyString.Kind.WORKER, Role.WORKER, "calm");
        int taken = 0;
        Answer last = client.call(HERE, "POST", "/api/worker/who", "", wild);
        while (last.status() == 200 && taken < 50_000) {
            taken++;
            last = client.call(HERE, "POST", "/api/worker/who", "", wild);
        }
        assertThat(taken).isGreaterThanOrEqualTo(6_000);
        assertRefused(last, 429, "too_many_requests");
        assertThat(last.header("Retry-After")).isEqualTo("1");
        for (int i = 0; i < 200; i++) {
            assertThat(client.call(HERE, "POST", "/api/worker/who", "", calm).body())
                    .isEqualTo("{\"id\":\"calm\"}");
        }
        assertRefused(call(HERE, "GET", "/api/who", "Authorization: Bearer x"), 401, "credentials_malformed");
    }

    @Test
    void subResourcesAreGuardedToo() throws Exception {
        assertRefused(call(HERE, "GET", "/api/sub/closed"), 401, "credentials_missing");
        assertThat(call(HERE, "GET", "/api/sub/closed", keys.line(KeyString.Kind.SESSION, Role.VIEWER))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void whatSomebodyForgotBehindALocatorStaysClosed() throws Exception {
        Answer answer = call(HERE, "GET", "/api/leak/forgotten", keys.line(KeyString.Kind.SESSION, Role.ADMIN));
        assertRefused(answer, 500, "internal_error");
        assertThat(answer.body()).doesNotContain("seen");
    }

    /** A method that somebody forgot. */
    @Path("/forgotten")
    public static class Forgotten {
        @GET
        public Map<String, String> open() {
            return Map.of();
        }
    }

    /** Both at once. */
    @Path("/both")
    public static class Both {
        @GET
        @Open("no")
        @Allowed(Role.ADMIN)
        public Map<String, String> both() {
            return Map.of();
        }
    }

    /** A collector who may write. */
    @Path("/writing")
    public static class WritingCollector {
        @POST
        @Allowed(Role.COLLECTOR)
        @Collectors("logs")
        public Map<String, String> write() {
            return Map.of();
        }
    }

    @Test
    void aMethodThatNamesNobodyStopsTheStart() {
        for (Object resource : List.of(new Forgotten(), new Both(), new WritingCollector())) {
            assertThatThrownBy(() -> new FixtureServer(
                                    keys.authenticators(allowlist::allows),
                                    proxies,
                                    new RefusalLimiter(60, () -> 0),
                                    resource)
                            .close())
                    .hasStackTraceContaining(resource.getClass().getSimpleName() + ".");
        }
    }
}

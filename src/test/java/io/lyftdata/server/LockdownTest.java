package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.api.LogLine;
import io.lyftdata.api.Workers.Add;
import io.lyftdata.api.Workers.IssuedKey;
import io.lyftdata.client.ApiClient;
import io.lyftdata.crypto.Randomness;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** While the server is locked down nobody gets in but by what keeps workers alive, and its administrators. */
class LockdownTest {
    /** Says of whom it speaks by the forwarded header; every other loopback address is the host. */
    private static final String PROXY = "127.0.9.9";

    private static final String NAMED = "10.0.0.5";
    private static final String STRANGE = "10.0.0.9";
    private static final Set<String> ALWAYS = Set.of(
            "GET /api/health",
            "GET /api/ca",
            "POST /api/worker/heartbeat",
            "PUT /api/worker/key",
            "POST /api/worker/recover");

    @TempDir
    static Path directory;

    /** Of its own: what the log tells goes to the server of this process that was started last. */
    private static TestServer server;

    private static RawClient raw;
    private static TestWorker worker;
    private static final Map<String, String> CREDENTIALS = new LinkedHashMap<>();

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start(
                directory.resolve("staging"),
                Map.of("trusted-proxies", PROXY, "whitelist", TestServer.COLLECTOR + "," + NAMED));
        raw = RawClient.of(server);
        worker = TestWorker.enroll(server, "locked-1");
        ApiClient admin = server.admin();
        for (String role : List.of("admin", "operator", "viewer")) {
            CREDENTIALS.put(role, "Authorization: Bearer " + server.token(role));
        }
        IssuedKey bootstrap = admin.post("/api/workers", new Add("locked-2", Map.of()), IssuedKey.class);
        CREDENTIALS.put("worker", "Authorization: Bearer " + worker.key().reveal());
        CREDENTIALS.put("bootstrap", "Authorization: Bearer " + bootstrap.key());
        CREDENTIALS.put("enrolling", "Authorization: Enrollment " + TestWorker.secret(server));
        CREDENTIALS.put("collector", "Authorization: WHITELIST prometheus");
        CREDENTIALS.put("stranger", "X-Nothing: at all");
    }

    @AfterAll
    static void end() throws IOException {
        server.close();
    }

    @AfterEach
    void unlock() throws IOException {
        assertThat(task("{\"on\":false}").status()).isEqualTo(200);
    }

    private static RawClient.Answer task(String body) throws IOException {
        return connector("POST", "/tasks/lockdown", body);
    }

    private static RawClient.Answer connector(String method, String path, String body) throws IOException {
        return RawClient.plain(server.adminUrl())
                .call("127.0.0.1", method, path, body, "Authorization: Bearer " + server.adminToken());
    }

    private static RawClient.Answer call(String address, RouteTest.Route route, String credential) throws IOException {
        return call(address, route.method(), route.example(), route.method().equals("GET") ? "" : "{}", credential);
    }

    /** From the address as a trusted proxy tells it; null: from this host. */
    private static RawClient.Answer call(String address, String method, String path, String body, String credential)
            throws IOException {
        String header = address == null ? "X-Other: none" : "X-Forwarded-For: " + address;
        String source = address == null ? TestServer.COLLECTOR : PROXY;
        return raw.call(source, method, path, body, credential, header, "Content-Type: application/json");
    }

    /** Each route from there: who is refused because the server is locked down, and where. */
    private static List<String> lockedOut(String address) throws IOException {
        List<String> locked = new ArrayList<>();
        for (RouteTest.Route route : RouteTest.documented()) {
            for (var credential : CREDENTIALS.entrySet()) {
                RawClient.Answer answer = call(address, route, credential.getValue());
                assertThat(answer.status()).as(route + " " + answer.body()).isLessThan(500);
                if (answer.code().equals("locked_down")) {
                    assertThat(answer.status()).isEqualTo(403);
                    locked.add(credential.getKey() + " " + route.method() + " " + route.path());
                }
            }
        }
        return locked;
    }

    private static List<String> all(Set<String> whoGetsIn) throws IOException {
        List<String> all = new ArrayList<>();
        for (RouteTest.Route route : RouteTest.documented()) {
            String name = route.method() + " " + route.path();
            CREDENTIALS.keySet().stream()
                    .filter(who -> !whoGetsIn.contains(who) && !ALWAYS.contains(name))
                    .forEach(who -> all.add(who + " " + name));
        }
        return all;
    }

    @Test
    void everybodyElseIsRefusedOnEveryRoute() throws IOException {
        assertThat(lockedOut(STRANGE)).isEmpty();
        assertThat(task("{\"on\":true,\"from\":[\"" + NAMED + "\"]}").body()).contains("\"on\":true", "host host");
        assertThat(lockedOut(STRANGE)).isEqualTo(all(Set.of()));
    }

    @Test
    void administratorsGetInFromNamedAddressesAndAlwaysFromTheHost() throws IOException {
        task("{\"on\":true,\"from\":[\"" + NAMED + "\"]}");
        List<String> butAdministrators = all(Set.of("admin"));
        // The log-in is open there, and asks for the password.
        butAdministrators.removeIf(refused -> refused.endsWith("POST /api/login"));
        // Who brings nothing good is told so there, as ever.
        butAdministrators.removeIf(refused -> refused.startsWith("stranger "));
        for (String address : new String[] {NAMED, null}) {
            List<String> refused = lockedOut(address);
            assertThat(refused).allMatch(butAdministrators::contains);
            for (String others : List.of(
                    "operator GET /api/workers",
                    "viewer GET /metrics",
                    "worker PUT /api/worker/metrics",
                    "enrolling POST /api/enroll",
                    "collector GET /api/workers/metrics")) {
                assertThat(refused).contains(others);
            }
            assertThat(refused).noneMatch(any -> any.startsWith("admin "));
        }
        assertThat(server.admin()).as("the host's log-in").isNotNull();
    }

    @Test
    void aWorkerKeepsItsKeyAndComesBack() throws IOException {
        TestWorker kept = TestWorker.enroll(server, "locked-3");
        task("{\"on\":true}");
        kept.beat();
        TestWorker rotated = kept.rotate(server);
        rotated.beat();
        rotated.recover(server).beat();
    }

    @Test
    void aKeptConnectionIsJudgedAnewAndOneUnderWayIsClosed() throws Exception {
        String credential = CREDENTIALS.get("worker");
        String instance = "Lyftdata-Instance: " + Randomness.hex(128);
        try (Socket socket = raw.connect("127.0.14.3")) {
            String head = "POST /api/worker/logs HTTP/1.1\r\nHost: "
                    + server.url().getAuthority() + "\r\n" + credential
                    + "\r\n" + instance + "\r\nContent-Type: " + LogLine.MEDIA_TYPE + "\r\n" + LogLine.BATCH_HEADER
                    + ": " + Randomness.hex(128) + "\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            String goOn = "HTTP/1.1 100 Continue\r\n\r\n";
            assertThat(new String(socket.getInputStream().readNBytes(goOn.length()), StandardCharsets.US_ASCII))
                    .isEqualTo(goOn);
            assertThat(call(null, "PUT", "/api/worker/metrics", "", credential).code())
                    .isNotEqualTo("locked_down");
            task("{\"on\":true}");
            assertThat(call(null, "PUT", "/api/worker/metrics", "", credential).code())
                    .isEqualTo("locked_down");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () -> assertThat(server.log()).contains("a request under way was ended: locked_down"));
        }
    }

    @Test
    void nobodyShutsThemselvesOut() throws IOException {
        String admin = CREDENTIALS.get("admin");
        String path = "/api/incidents/lockdown";
        RawClient.Answer refused = call(STRANGE, "POST", path, "{\"on\":true,\"from\":[\"10.0.0.5\"]}", admin);
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.body()).contains("your own address (10.0.0.9)");
        assertThat(call(STRANGE, "GET", path, "", admin).body()).isEqualTo("{\"on\":false,\"from\":[]}");
        assertThat(call(STRANGE, "POST", path, "{\"on\":true,\"from\":[\"10.0.0.0/24\"]}", admin)
                        .body())
                .contains("\"from\":[\"10.0.0.0/24\"]");
        assertThat(call("10.0.1.9", "GET", path, "", admin).code()).isEqualTo("locked_down");
        assertThat(call(STRANGE, "POST", path, "{\"on\":false}", admin).status())
                .isEqualTo(200);
    }

    @Test
    void badInputIsRefusedAndSwitchesNothing() throws IOException {
        for (String odd : new String[] {
            "{}",
            "{\"on\":false,\"from\":[\"10.0.0.5\"]}",
            "{\"on\":true,\"from\":[\"10.0.0.0/23\"]}",
            "{\"on\":true,\"from\":[\"010.0.0.5\"]}",
            "{\"on\":true,\"from\":[\"localhost\"]}",
            "{\"on\":true,\"from\":[null]}",
            "{\"on\":\"perhaps\"}"
        }) {
            assertThat(task(odd).status()).as(odd).isEqualTo(422);
        }
        assertThat(connector("GET", "/metrics", "").body()).contains("lyftdata_server_lockdown 0.0");
    }

    @Test
    void theAdminHealthSaysSoAndHealthDoesNot() throws IOException {
        assertThat(connector("GET", "/healthcheck", "").status()).isEqualTo(200);
        task("{\"on\":true,\"from\":[\"" + NAMED + "\"]}");
        RawClient.Answer health = connector("GET", "/healthcheck", "");
        assertThat(health.status()).isEqualTo(500);
        assertThat(health.body()).contains("by host host; administrators get in from this host and 10.0.0.5");
        assertThat(connector("GET", "/metrics", "").body()).contains("lyftdata_server_lockdown 1.0");
        assertThat(call(STRANGE, "GET", "/api/health", "", "X-Nothing: at all").status())
                .isEqualTo(200);
    }
}

package io.lyftdata.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import io.lyftdata.agent.Agent;
import io.lyftdata.agent.AgentConfig;
import io.lyftdata.api.Login;
import io.lyftdata.api.posture.Report;
import io.lyftdata.api.posture.Report.Finding;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.Endpoint;
import io.lyftdata.client.Json;
import io.lyftdata.client.LoopbackServer;
import io.lyftdata.client.Trust;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.crypto.Issuer;
import io.lyftdata.testing.AgeKeys;
import io.lyftdata.testing.FakeHost;
import io.lyftdata.testing.MovableClock;
import io.lyftdata.testing.TestCertificates;
import io.lyftdata.testing.TestServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Findings of which each remedy is one step, taken as printed, and the next finding says the next step. */
class PostureRemedyTest {
    @TempDir
    Path directory;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Set<String> OF_A_HOP =
            Set.of("host", "connection", "content-length", "transfer-encoding", "upgrade", "http2-settings");

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final MovableClock clock = new MovableClock();
    private CommandLineRun cli;
    private TestServer server;
    private Agent agent;
    private String secret;

    @AfterEach
    void stop() throws IOException {
        if (agent != null) {
            agent.close();
        }
        server.close();
    }

    private void startWith(String settings) throws IOException {
        if (server != null) {
            server.close();
        }
        Path config = Files.writeString(directory.resolve("c.yml"), "admin-bind-address: 127.0.0.1:0\n" + settings);
        FakeHost host = new FakeHost(directory.resolve("host"));
        server = TestServer.startOn(config, directory.resolve("staging"), Map.of(), Map.of(), clock, host.host());
        cli = new CommandLineRun(directory.resolve("home"));
        cli.environment.put("LYFTDATA_URL", server.url().toString());
    }

    private List<Finding> found(String check) throws IOException {
        cli.run("posture", "--output", "json");
        return Json.MAPPER.readValue(cli.out, Report.class).checks().stream()
                .filter(one -> one.id().equals(check))
                .findFirst()
                .orElseThrow()
                .findings();
    }

    private void run(String remedy) {
        assertThat(remedy).startsWith("lyftdata ");
        assertThat(cli.run(remedy.substring("lyftdata ".length()).split(" ", -1)))
                .as(remedy + ": " + cli.err)
                .isZero();
    }

    @Test
    void anAuthorityThatEndsIsReplacedStepByStepAsTheFindingsSay() throws IOException {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        clock.set(now.minus(Duration.ofDays(3640)));
        startWith("bind-address: 127.0.0.1:0\n");
        clock.set(now);
        startWith("bind-address: 127.0.0.1:0\n");
        cli.environment.put("LYFTDATA_TLS_PIN", server.pin());
        cli.environment.put("LYFTDATA_API_TOKEN", server.token("admin"));

        for (String step : List.of("prepare", "activate", "retire")) {
            List<Finding> found = found("tls-expiry");
            assertThat(found).hasSizeGreaterThan(1);
            assertThat(found)
                    .extracting(Finding::remedy)
                    .as("the leaf cannot outlive its authority, so another leaf mends nothing")
                    .containsOnly("lyftdata certificate rotate-ca " + step);
            run(found.get(0).remedy() + " --output json");
        }
        cli.environment.put(
                "LYFTDATA_TLS_PIN", Json.MAPPER.readTree(cli.out).get("pin").asText());
        assertThat(found("tls-expiry")).isEmpty();
    }

    @Test
    void aServerThatCanMakeNoBackupYetIsToldOfTheRecipientFirst() throws IOException {
        clock.set(Instant.now());
        startWith("bind-address: 127.0.0.1:0\n");
        cli.environment.put("LYFTDATA_TLS_PIN", server.pin());
        cli.environment.put("LYFTDATA_API_TOKEN", server.token("admin"));
        String token = cli.environment.get("LYFTDATA_API_TOKEN");
        assertThat(found("backup-proven"))
                .extracting(Finding::remedy)
                .allMatch(remedy -> remedy.startsWith("backup: {recipients: [age1…]}, "));
        String remedy = found("backup-proven").get(0).remedy();
        String setting = remedy.substring(0, remedy.indexOf(", "))
                .replace("age1…", AgeKeys.generate().recipient());
        startWith("bind-address: 127.0.0.1:0\n" + setting + "\n");
        cli.environment.put("LYFTDATA_TLS_PIN", server.pin());
        cli.environment.put("LYFTDATA_API_TOKEN", token);
        run(remedy.substring(remedy.indexOf("lyftdata ")));
        assertThat(found("backup-proven")).extracting(Finding::subject).containsExactly("newest proof");
        assertThat(found("backup-proven").get(0).remedy()).startsWith("lyftdata backup verify ");
    }

    /** A proxy that takes plain HTTP too, and says of all that it came by TLS. */
    @Test
    void aWorkerThatSendsItsKeyInPlainIsStartedAsTheFindingSays() throws Exception {
        clock.set(Instant.now());
        startWith("bind-address: 127.0.0.1:0\ndisable-tls: true\ntrusted-proxies: [127.0.0.1]\n");
        CertifiedKey authority = Issuer.authority("proxy's", Instant.now(), Duration.ofDays(2));
        CertifiedKey leaf = Issuer.server(authority, List.of("127.0.0.1"), Instant.now(), Duration.ofDays(1));
        Path trusted = directory.resolve("proxy.pem");
        TestCertificates.write(trusted, authority.certificatePem());
        try (LoopbackServer plain = LoopbackServer.plain(this::forward);
                LoopbackServer tls = LoopbackServer.tls(this::forward, leaf, authority.certificate())) {
            Endpoint https = new Endpoint(URI.create(tls.url("https")), Trust.ofCaFile(trusted));
            cli.environment.put("LYFTDATA_URL", tls.url("https"));
            cli.environment.put("LYFTDATA_TLS_CA", trusted.toString());
            cli.environment.put("LYFTDATA_API_TOKEN", token(https));
            assertThat(cli.run("enrollment", "enable", "--output", "json"))
                    .as(cli.err)
                    .isZero();
            secret = Json.MAPPER.readTree(cli.out).get("enrollment_secret").asText();

            work(new Endpoint(URI.create(plain.url("http")), Trust.ofJvm()));
            await().atMost(PATIENCE).until(() -> found("worker-tls").size() == 1);
            String remedy = found("worker-tls").get(0).remedy();
            assertThat(remedy).startsWith("start it with --url https://… (");
            work(https);
            await().atMost(PATIENCE).until(() -> found("worker-tls").isEmpty());
            run(remedy.substring(remedy.indexOf("lyftdata ")));
        }
    }

    private String token(Endpoint endpoint) {
        ApiClient api = new ApiClient(endpoint);
        Login.Answer session =
                api.post("/api/login", new Login.Request("admin", TestServer.ADMIN_PASSWORD), Login.Answer.class);
        return session.token();
    }

    private void work(Endpoint endpoint) {
        if (agent != null) {
            agent.close();
        }
        AgentConfig config = new AgentConfig(
                endpoint,
                Optional.empty(),
                Optional.empty(),
                "w1",
                () -> Optional.of(new Secret(secret)),
                directory.resolve("w1"),
                AgentConfig.DEFAULT_METRICS_INTERVAL,
                Map.of(),
                List.of(),
                List.of());
        agent = Agent.open(config, Clock.systemUTC(), System::nanoTime);
        agent.start();
    }

    private void forward(HttpExchange exchange) throws IOException {
        try (exchange) {
            HttpRequest.Builder request = HttpRequest.newBuilder(
                            server.url().resolve(exchange.getRequestURI().toString()))
                    .method(
                            exchange.getRequestMethod(),
                            BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()))
                    .header("X-Forwarded-For", "192.0.2.7")
                    .header("X-Forwarded-Proto", "https");
            exchange.getRequestHeaders().forEach((name, values) -> {
                if (!OF_A_HOP.contains(name.toLowerCase(Locale.ROOT))) {
                    values.forEach(value -> request.header(name, value));
                }
            });
            HttpResponse<byte[]> answer = http.send(request.build(), BodyHandlers.ofByteArray());
            exchange.sendResponseHeaders(answer.statusCode(), answer.body().length == 0 ? -1 : answer.body().length);
            exchange.getResponseBody().write(answer.body());
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}

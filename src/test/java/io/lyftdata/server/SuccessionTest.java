package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lyftdata.agent.Agent;
import io.lyftdata.agent.AgentConfig;
import io.lyftdata.api.certificate.RotateCa;
import io.lyftdata.api.certificate.RotateCa.State;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.ApiFailure;
import io.lyftdata.client.Endpoint;
import io.lyftdata.client.Trust;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.CertifiedKey;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.Served;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The replacement of the private CA under real workers, one of which is down. */
class SuccessionTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    Path directory;

    private final Map<String, Agent> agents = new HashMap<>();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.lyftdata.agent");
    private TestServer server;
    private ApiClient admin;
    private String secret;

    @BeforeEach
    void start() throws IOException {
        Files.writeString(
                directory.resolve("c.yml"),
                "bind-address: 127.0.0.1:0\nadmin-bind-address: 127.0.0.1:0\nheartbeat: {interval: 1s}\n");
        server = TestServer.startOn(directory.resolve("c.yml"), directory.resolve("staging"));
        admin = server.admin();
        secret = TestWorker.secret(server);
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stop() throws IOException {
        agents.values().forEach(Agent::close);
        logger.detachAppender(log);
        server.close();
    }

    private void work(String name, String pin) {
        AgentConfig config = new AgentConfig(
                new Endpoint(server.url(), Trust.ofPins(pin)),
                Optional.empty(),
                Optional.empty(),
                name,
                () -> Optional.of(new Secret(secret)),
                directory.resolve(name),
                AgentConfig.DEFAULT_METRICS_INTERVAL,
                Map.of(),
                List.of(),
                List.of());
        Agent agent = Agent.open(config, Clock.systemUTC(), System::nanoTime);
        agent.start();
        agents.put(name, agent);
    }

    private void end(String name) {
        agents.remove(name).close();
        await().atMost(PATIENCE)
                .until(() -> admin.get("/api/workers/" + name, Map.of(), Map.class)
                        .get("state")
                        .equals("offline"));
    }

    private State step(String step) {
        return admin.post(RotateCa.PATH, new RotateCa(step, null), State.class);
    }

    private State show() {
        return admin.get(RotateCa.PATH, Map.of(), State.class);
    }

    private State awaitHaving(int count) {
        await().atMost(PATIENCE).until(() -> show().have() == count);
        return show();
    }

    /** Whether a new client that knows nothing but the pin gets through. */
    private boolean isTrusted(String pin) {
        try {
            new ApiClient(new Endpoint(server.url(), Trust.ofPins(pin)))
                    .send("GET", "/api/health", Map.of(), Map.of(), new byte[0]);
            return true;
        } catch (ApiFailure failure) {
            return false;
        }
    }

    @Test
    void replacesTheAuthorityUnderThreeWorkersOfWhichOneIsDown() throws IOException {
        String first = server.pin();
        List.of("a", "b", "c").forEach(name -> work(name, first));
        assertThat(awaitHaving(3).phase()).isEqualTo("settled");
        assertThatThrownBy(() -> step("activate")).hasMessageContaining("there is no prepared authority");
        assertThatThrownBy(() -> step("retire")).hasMessageContaining("there is no authority to retire");
        assertThatThrownBy(() -> step("rollback")).hasMessageContaining("nothing to roll back");
        assertThatThrownBy(() -> step("burn")).hasMessageContaining("step must be");

        end("c");
        State prepared = step("prepare");
        String second = prepared.otherPin();
        assertThat(prepared.pin()).isEqualTo(first).isNotEqualTo(second);
        assertThat(prepared.advice())
                .contains("The new pin is " + second, "If ca.key was stolen", "by a way of your own");
        assertThatThrownBy(() -> step("prepare")).hasMessageContaining("under way already");
        State spread = awaitHaving(2);
        assertThat(spread.onlineWithout()).isEmpty();
        assertThat(spread.offlineWithout()).containsExactly("c");

        assertThat(step("activate").pin()).isEqualTo(second);
        assertThat(Served.at(server).chain()).hasSize(3);
        assertThat(isTrusted(first)).as("who slept through the activation").isTrue();
        assertThat(isTrusted(second)).isTrue();
        work("c", first);
        awaitHaving(3);
        end("c");

        State retired = step("retire");
        assertThat(retired.phase()).isEqualTo("settled");
        assertThat(Served.at(server).chain()).hasSize(2);
        assertThat(isTrusted(first)).isFalse();
        assertThat(isTrusted(second)).isTrue();
        assertThat(awaitHaving(2).offlineWithout()).containsExactly("c");
        work("c", first);
        awaitHaving(3);
        assertThat(Files.readString(directory.resolve("c/ca.pem"))).hasSizeLessThan(1000);

        end("c");
        String third = step("prepare").otherPin();
        awaitHaving(2);
        step("activate");
        step("retire");
        log.list.clear();
        work("c", second);
        await().atMost(PATIENCE)
                .until(() -> List.copyOf(log.list).stream()
                        .anyMatch(event -> event.getFormattedMessage()
                                .contains("give the new --tls-pin (\"lyftdata certificate show\"")));
        agents.remove("c").close();
        work("c", third);
        awaitHaving(3);
        agents.get("a").close();
        agents.remove("a");
        work("a", first);
        awaitHaving(3);
    }

    @Test
    void canBeTakenBackUntilItIsRetired() throws IOException {
        String first = server.pin();
        work("a", first);
        awaitHaving(1);
        String second = step("prepare").otherPin();
        awaitHaving(1);
        step("activate");
        State back = step("rollback");
        assertThat(back.phase()).isEqualTo("settled");
        assertThat(back.pin()).isEqualTo(first);
        assertThat(CertifiedKey.pin(Served.at(server).chain().get(1))).isEqualTo(first);
        assertThat(isTrusted(second)).isFalse();
        assertThat(awaitHaving(1).onlineWithout()).isEmpty();
        String third = step("prepare").otherPin();
        assertThat(third).isNotEqualTo(second);
        step("rollback");
        assertThat(show().phase()).isEqualTo("settled");
        assertThat(admin.get("/api/audit", Map.of("limit", "100"), Map.class).toString())
                .contains("AUTHORITY_PREPARED", "AUTHORITY_ACTIVATED", "AUTHORITY_ROLLED_BACK", "AUTHORITY_RETIRED");
    }

    @Test
    void strandsNoOnlineWorkerUnlessForcedAndOldFilesDoNotBringTheOldOneBack() throws IOException {
        Path tls = directory.resolve("staging/tls");
        Path copy = Files.createDirectory(directory.resolve("copy"));
        for (String name : List.of("ca.crt", "ca.key")) {
            Files.copy(tls.resolve(name), copy.resolve(name));
        }
        TestWorker idle = TestWorker.enroll(server, "idle");
        step("prepare");
        idle.beat();
        assertThatThrownBy(() -> step("activate"))
                .isInstanceOf(ApiFailure.class)
                .hasMessageContaining("1 online workers lack the new authority, idle among them")
                .satisfies(
                        e -> assertThat(((ApiFailure) e).problem().orElseThrow().facts())
                                .containsEntry("lacking", List.of("idle")));
        RawClient host = RawClient.plain(server.adminUrl());
        String token = "Authorization: Bearer " + server.adminToken();
        for (String step : List.of("activate", "retire")) {
            idle.beat();
            assertThat(host.call("127.0.0.1", "POST", "/tasks/rotate-ca", "{\"step\":\"" + step + "\"}", token)
                            .status())
                    .isEqualTo(409);
            assertThat(host.call(
                                    "127.0.0.1",
                                    "POST",
                                    "/tasks/rotate-ca",
                                    "{\"step\":\"" + step + "\",\"force\":true}",
                                    token)
                            .status())
                    .isEqualTo(200);
        }
        String now = server.client().endpoint().trust().pins().get(0);
        assertThat(now).isEqualTo(server.pin());
        server.close();
        for (String name : List.of("ca.crt", "ca.key")) {
            Files.copy(copy.resolve(name), tls.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        assertThatThrownBy(() -> TestServer.startOn(directory.resolve("c.yml"), directory.resolve("staging")))
                .isInstanceOf(BadSetting.class)
                .hasMessageContaining("which was retired");
        Files.delete(tls.resolve("ca.crt"));
        Files.delete(tls.resolve("ca.key"));
        server = TestServer.startOn(directory.resolve("c.yml"), directory.resolve("staging"));
        assertThat(server.pin()).isNotEqualTo(now);
    }
}

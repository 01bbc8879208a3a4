package io.lyftdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.api.posture.Report;
import io.lyftdata.api.posture.Report.Finding;
import io.lyftdata.client.Json;
import io.lyftdata.testing.FakeHost;
import io.lyftdata.testing.MovableClock;
import io.lyftdata.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Findings of which each remedy is one step, taken as printed, and the next finding says the next step. */
class PostureRemedyTest {
    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock();
    private CommandLineRun cli;
    private TestServer server;

    @AfterEach
    void stop() throws IOException {
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
}

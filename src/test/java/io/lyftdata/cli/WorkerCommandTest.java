package io.lyftdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lyftdata.agent.Agent;
import io.lyftdata.agent.AgentConfig;
import io.lyftdata.client.Endpoint;
import io.lyftdata.client.Json;
import io.lyftdata.client.Trust;
import io.lyftdata.config.Secret;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever is at a worker's host can ask it how it is. */
final class WorkerCommandTest {
    @TempDir
    private Path home;

    private Path jobs;
    private CommandLineRun cli;

    @BeforeEach
    void start() {
        jobs = home.resolve("jobs");
        cli = new CommandLineRun(home);
        cli.environment.put("LYFTDATA_JOBS_DIR", jobs.toString());
    }

    private Agent open() {
        AgentConfig config = new AgentConfig(
                new Endpoint(URI.create("https://localhost:3000"), Trust.ofJvm()),
                Optional.empty(),
                Optional.empty(),
                "web-1",
                () -> Optional.of(new Secret("an enrollment secret of more than 32 characters")),
                jobs,
                AgentConfig.DEFAULT_METRICS_INTERVAL,
                Map.of(),
                List.of(),
                List.of());
        return Agent.open(config, cli.clock, System::nanoTime);
    }

    @Test
    void showsTheWorkerWhileItRunsAndAfterwards() throws Exception {
        try (Agent agent = open()) {
            assertThat(agent).isNotNull();
            assertThat(cli.run("worker", "--status")).as(cli.err).isZero();
            assertThat(cli.out)
                    .containsPattern("running: +yes")
                    .containsPattern("joined: +no")
                    .containsPattern("next key: +-")
                    .contains(Files.readString(jobs.resolve("worker.key")).substring(7, 39))
                    .doesNotContain("lyd_wk_");
        }
        assertThat(cli.run("worker", "--status", "--output", "json"))
                .as(cli.err)
                .isZero();
        JsonNode shown = Json.MAPPER.readTree(cli.out);
        assertThat(shown.get("running").booleanValue()).isFalse();
        assertThat(shown.get("directory").textValue()).isEqualTo(jobs.toString());
        assertThat(cli.run("run", "worker", "--status")).as(cli.err).isZero();
    }

    @Test
    void saysWhereNoWorkerIs() {
        assertThat(cli.run("worker", "--status")).isEqualTo(1);
        assertThat(cli.err)
                .contains("jobs holds no worker: give the worker's --jobs-dir")
                .hasLineCount(1);
        assertThat(jobs).doesNotExist();
        assertThat(cli.run("worker", "--output", "json")).isEqualTo(2);
    }
}

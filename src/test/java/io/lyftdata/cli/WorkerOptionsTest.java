package io.lyftdata.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.agent.AgentConfig;
import io.lyftdata.client.Endpoint;
import io.lyftdata.client.Trust;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Secret;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class WorkerOptionsTest {
    private static final Endpoint SERVER = new Endpoint(URI.create("https://localhost:3000"), Trust.ofJvm());
    private static final String SECRET = "an enrollment secret of more than 32 characters";

    @TempDir
    private Path home;

    private CommandLineRun cli;
    private final StringWriter said = new StringWriter();

    @BeforeEach
    void start() {
        cli = new CommandLineRun(home);
        cli.environment.put("HOME", home.toString());
    }

    private AgentConfig config(String... arguments) {
        WorkerOptions options =
                new WorkerOptions(cli.terminal(new PrintWriter(new StringWriter()), new PrintWriter(said)));
        new CommandLine(options).parseArgs(arguments);
        return options.config(SERVER);
    }

    @Test
    void aFlagBeatsAVariable() {
        cli.environment.put("LYFTDATA_WORKER_NAME", "from-variable");
        cli.environment.put("LYFTDATA_WORKER_LABELS", "zone=eu, rack=7");
        cli.environment.put("LYFTDATA_WORKER_LOG_FILES", "/var/log/a,/var/log/b");
        cli.environment.put("LYFTDATA_WORKER_METRICS_INTERVAL", "90");
        assertThat(config().name()).isEqualTo("from-variable");
        assertThat(config().labels()).isEqualTo(Map.of("zone", "eu", "rack", "7"));
        assertThat(config().logFiles()).containsExactly(Path.of("/var/log/a"), Path.of("/var/log/b"));
        assertThat(config().metricsInterval()).isEqualTo(Duration.ofSeconds(90));
        AgentConfig flags = config(
                "--worker-name",
                "from-flag",
                "--labels",
                "a=1,b=2",
                "--labels",
                "c=3",
                "--log-file",
                "/x",
                "--log-file",
                "/y,/z",
                "--metrics-interval",
                "2m",
                "--scrape",
                "http://127.0.0.1:9100/metrics");
        assertThat(flags.name()).isEqualTo("from-flag");
        assertThat(flags.labels()).isEqualTo(Map.of("a", "1", "b", "2", "c", "3"));
        assertThat(flags.logFiles()).containsExactly(Path.of("/x"), Path.of("/y"), Path.of("/z"));
        assertThat(flags.metricsInterval()).isEqualTo(Duration.ofMinutes(2));
        assertThat(flags.scrapes()).containsExactly(URI.create("http://127.0.0.1:9100/metrics"));
    }

    @Test
    void withoutSettingsTheDefaultsHold() {
        AgentConfig config = config();
        assertThat(config.jobsDir()).isEqualTo(home.resolve(".cache/lyftdata-worker"));
        assertThat(config.metricsInterval()).isEqualTo(Duration.ofSeconds(60));
        assertThat(config.workerKey()).isEmpty();
        assertThat(config.enrollmentSecret().get()).isEmpty();
        assertThat(said.toString()).isEmpty();
    }

    @Test
    void aSecretOnTheCommandLineWarnsWithoutRepeatingIt() {
        AgentConfig config = config("--auto-enrollment-key", SECRET);
        assertThat(config.enrollmentSecret().get()).contains(new Secret(SECRET));
        assertThat(said.toString())
                .contains("warning: --auto-enrollment-key")
                .contains("LYFTDATA_AUTO_ENROLLMENT_KEY_FILE")
                .doesNotContain(SECRET);
    }

    @Test
    void aChangedSecretFileCountsAtOnce() throws IOException {
        Path file = Files.createFile(
                home.resolve("secret"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, SECRET + "\n");
        cli.environment.put("LYFTDATA_AUTO_ENROLLMENT_KEY_FILE", file.toString());
        AgentConfig config = config();
        assertThat(config.enrollmentSecret().get()).contains(new Secret(SECRET));
        Files.writeString(file, SECRET + "2\n");
        assertThat(config.enrollmentSecret().get()).contains(new Secret(SECRET + "2"));
        assertThat(said.toString()).isEmpty();
    }

    @Test
    void aDeletedSecretFileDoesNotStopAWorkerThatHasJoined() {
        cli.environment.put(
                "LYFTDATA_AUTO_ENROLLMENT_KEY_FILE", home.resolve("gone").toString());
        assertThat(config().enrollmentSecret().get()).isEmpty();
        assertThat(said.toString()).contains("does not exist; going on without");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:9100", "file:///etc/passwd", "http://", "ht tp://x"})
    void refusesToScrapeWhatIsNoUrl(String url) {
        assertThatThrownBy(() -> config("--scrape", url))
                .isInstanceOf(BadSetting.class)
                .hasMessageContaining("--scrape");
    }

    @Test
    void refusesAnIntervalThatIsNone() {
        assertThatThrownBy(() -> config("--metrics-interval", "often"))
                .isInstanceOf(BadSetting.class)
                .hasMessageContaining("60s");
    }
}

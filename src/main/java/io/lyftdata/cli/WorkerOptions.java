package io.lyftdata.cli;

import io.lyftdata.agent.AgentConfig;
import io.lyftdata.api.Times;
import io.lyftdata.client.Endpoint;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Secret;
import io.lyftdata.terminal.Terminal;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** A worker's settings; a flag beats a variable beats the default. */
final class WorkerOptions {
    private static final String KEY = "LYFTDATA_WORKER_API_KEY";
    private static final String SECRET = "LYFTDATA_AUTO_ENROLLMENT_KEY";
    private static final Pattern SECONDS = Pattern.compile("\\d{1,9}");

    private final Terminal terminal;

    @Option(names = "--worker-id", paramLabel = "ID", description = "whose bootstrap key it is (LYFTDATA_WORKER_ID)")
    private String workerId;

    @Option(
            names = "--worker-api-key",
            paramLabel = "KEY",
            description = "the worker's bootstrap key (" + KEY + ", better " + KEY + "_FILE)")
    private String workerKey;

    @Option(
            names = "--worker-name",
            paramLabel = "NAME",
            description = "under which the worker enrolls (LYFTDATA_WORKER_NAME; default: the host name)")
    private String workerName;

    @Option(
            names = "--auto-enrollment-key",
            paramLabel = "SECRET",
            description = "by which the worker enrolls (" + SECRET + ", better " + SECRET + "_FILE)")
    private String enrollmentSecret;

    @Option(
            names = "--jobs-dir",
            paramLabel = "DIR",
            description = "where identity and key live (LYFTDATA_JOBS_DIR; default: ~/.cache/lyftdata-worker)")
    private String jobsDir;

    @Option(
            names = "--metrics-interval",
            paramLabel = "TIME",
            description = "between two reports (LYFTDATA_WORKER_METRICS_INTERVAL; default: 60s)")
    private String metricsInterval;

    @Option(
            names = "--labels",
            paramLabel = "KEY=VALUE,…",
            description = "what the worker says of itself (LYFTDATA_WORKER_LABELS)")
    private List<String> labels;

    @Option(
            names = "--log-file",
            paramLabel = "FILE",
            split = ",",
            description = "a file to follow and ship, repeatable (LYFTDATA_WORKER_LOG_FILES)")
    private List<String> logFiles;

    @Option(
            names = "--scrape",
            paramLabel = "URL",
            split = ",",
            description = "a local Prometheus endpoint to forward, repeatable (LYFTDATA_WORKER_SCRAPE)")
    private List<String> scrapes;

    WorkerOptions(Terminal terminal) {
        this.terminal = terminal;
    }

    /** @throws BadSetting with a sentence that says what to write instead */
    AgentConfig config(Endpoint server) {
        warnOfSecrets();
        return new AgentConfig(
                server,
                text(workerId, "LYFTDATA_WORKER_ID"),
                secret(workerKey, KEY),
                text(workerName, "LYFTDATA_WORKER_NAME").orElseGet(WorkerOptions::hostName),
                () -> secret(enrollmentSecret, SECRET),
                jobsDir(),
                text(metricsInterval, "LYFTDATA_WORKER_METRICS_INTERVAL")
                        .map(WorkerOptions::interval)
                        .orElse(AgentConfig.DEFAULT_METRICS_INTERVAL),
                AgentConfig.parseLabels(String.join(",", list(labels, "LYFTDATA_WORKER_LABELS"))),
                list(logFiles, "LYFTDATA_WORKER_LOG_FILES").stream()
                        .map(Path::of)
                        .toList(),
                list(scrapes, "LYFTDATA_WORKER_SCRAPE").stream()
                        .map(WorkerOptions::scrape)
                        .toList());
    }

    Path jobsDir() {
        return text(jobsDir, "LYFTDATA_JOBS_DIR")
                .map(Path::of)
                .orElseGet(() -> terminal.variables().home().resolve(".cache").resolve("lyftdata-worker"));
    }

    private void warnOfSecrets() {
        warnIfGiven(workerKey, "--worker-api-key", KEY);
        warnIfGiven(enrollmentSecret, "--auto-enrollment-key", SECRET);
    }

    private void warnIfGiven(String onTheLine, String flag, String variable) {
        if (onTheLine != null) {
            terminal.warn(
                    flag + " on the command line can be read by other users of this host: use " + variable + "_FILE");
        }
        missingFile(variable)
                .ifPresent(file -> terminal.warn(variable + "_FILE: " + file + " does not exist; going on without"));
    }

    /** A file that was used and deleted does not stop a worker that has joined. */
    private Optional<Secret> secret(String onTheLine, String variable) {
        if (onTheLine != null) {
            return Optional.of(new Secret(onTheLine));
        }
        return missingFile(variable).isPresent()
                ? Optional.empty()
                : terminal.variables().secret(variable);
    }

    private Optional<Path> missingFile(String variable) {
        return terminal.variables().text(variable + "_FILE").map(Path::of).filter(Files::notExists);
    }

    private Optional<String> text(String onTheLine, String variable) {
        return Optional.ofNullable(onTheLine).or(() -> terminal.variables().text(variable));
    }

    private List<String> list(List<String> onTheLine, String variable) {
        return onTheLine == null ? terminal.variables().list(variable) : onTheLine;
    }

    /** A bare number counts as seconds. */
    private static Duration interval(String text) {
        return Times.parseDuration(SECONDS.matcher(text).matches() ? text + "s" : text)
                .orElseThrow(() -> new BadSetting(
                        "--metrics-interval (LYFTDATA_WORKER_METRICS_INTERVAL) must be a" + " duration, as in 60s"));
    }

    private static URI scrape(String text) {
        try {
            URI uri = new URI(text);
            if (uri.getHost() != null && List.of("http", "https").contains(uri.getScheme())) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Falls through to the one sentence for all that is no such URL.
        }
        throw new BadSetting("--scrape (LYFTDATA_WORKER_SCRAPE) must be a URL, as in http://127.0.0.1:9100/metrics");
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            throw new BadSetting("this host's name is unknown: give --worker-name (LYFTDATA_WORKER_NAME)");
        }
    }
}

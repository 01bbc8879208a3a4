package io.lyftdata.agent;

import io.lyftdata.api.WorkerName;
import io.lyftdata.client.Endpoint;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.KeyString;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a worker is told at its start.
 *
 * @param workerId whose bootstrap key it is
 * @param workerKey a bootstrap key
 * @param name under which the worker joins by the enrollment secret
 * @param enrollmentSecret asked anew before every attempt, so that a changed file counts at once
 * @param jobsDir where identity and key live
 * @param metricsInterval between two reports, 1 s to 1 h
 * @param labels what the worker says of itself
 * @param logFiles files to follow and ship
 * @param scrapes local Prometheus endpoints to forward
 */
public record AgentConfig(
        Endpoint server,
        Optional<String> workerId,
        Optional<Secret> workerKey,
        String name,
        Supplier<Optional<Secret>> enrollmentSecret,
        Path jobsDir,
        Duration metricsInterval,
        Map<String, String> labels,
        List<Path> logFiles,
        List<URI> scrapes) {
    public static final Duration DEFAULT_METRICS_INTERVAL = Duration.ofSeconds(60);

    public AgentConfig {
        workerId = workerId.map(id -> requireName(id, "--worker-id (LYFTDATA_WORKER_ID)"));
        name = requireName(name, "--worker-name (LYFTDATA_WORKER_NAME)");
        if (workerKey.isPresent()) {
            requireKey(workerKey.get());
            if (workerId.isEmpty()) {
                throw new BadSetting("--worker-api-key needs --worker-id (LYFTDATA_WORKER_ID) beside it");
            }
        }
        if (metricsInterval.compareTo(Duration.ofSeconds(1)) < 0
                || metricsInterval.compareTo(Duration.ofHours(1)) > 0) {
            throw new BadSetting("--metrics-interval (LYFTDATA_WORKER_METRICS_INTERVAL) must be 1s to 1h, as in 60s");
        }
        jobsDir = jobsDir.toAbsolutePath().normalize();
        labels = Map.copyOf(labels);
        logFiles = List.copyOf(logFiles);
        scrapes = List.copyOf(scrapes);
    }

    /**
     * Labels as the user wrote them, {@code key=value,…}.
     *
     * @throws BadSetting when a part has no name, or a name stands twice
     */
    public static Map<String, String> parseLabels(String text) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String part : text.isBlank() ? new String[0] : text.split(",", -1)) {
            String[] sides = part.strip().split("=", 2);
            if (sides.length < 2 || sides[0].isBlank() || labels.put(sides[0].strip(), sides[1].strip()) != null) {
                throw new BadSetting(
                        "--labels (LYFTDATA_WORKER_LABELS) must be key=value, comma-separated, each key once");
            }
        }
        return labels;
    }

    private static String requireName(String name, String setting) {
        return WorkerName.toId(name).orElseThrow(() -> new BadSetting(setting + ": " + WorkerName.RULE));
    }

    private static void requireKey(Secret key) {
        if (KeyString.parse(key.reveal())
                .filter(parsed -> parsed.kind() == KeyString.Kind.WORKER)
                .isEmpty()) {
            throw new BadSetting("--worker-api-key (LYFTDATA_WORKER_API_KEY) is mistyped: a key begins with lyd_wk_"
                    + " and its last digits check the rest; copy it again, or issue another with \"lyftdata api-keys"
                    + " issue\"");
        }
    }
}

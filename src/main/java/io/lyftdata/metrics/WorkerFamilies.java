package io.lyftdata.metrics;

import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The families {@code lyftdata_worker_…}: what the server itself says of each worker in an exposition. */
final class WorkerFamilies {
    /** One family, which has at most one sample a worker; no value, no sample. */
    private record Gauge(
            String name, String help, Function<WorkerStatus, String> labels, Function<WorkerStatus, String> value) {}

    private WorkerFamilies() {}

    /**
     * Writes them.
     *
     * @param fresh the workers whose metrics are not stale
     * @param leftOut how many families of which worker are not shown
     */
    static void write(List<WorkerStatus> fleet, Set<String> fresh, Map<String, Integer> leftOut, OutputStream out)
            throws IOException {
        List<Gauge> gauges = List.of(
                new Gauge(
                        "lyftdata_worker_up",
                        "Whether the worker's heartbeats and metrics arrive.",
                        worker -> "",
                        worker -> worker.online() && fresh.contains(worker.id()) ? "1" : "0"),
                new Gauge(
                        "lyftdata_worker_last_seen_timestamp_seconds",
                        "When the worker's last heartbeat arrived.",
                        worker -> "",
                        worker -> worker.lastSeen()
                                .map(time -> BigDecimal.valueOf(time.toEpochMilli(), 3)
                                        .toPlainString())
                                .orElse(null)),
                new Gauge(
                        "lyftdata_worker_info",
                        "The worker's product version, as it claims.",
                        worker -> ",version=\"" + escape(worker.version()) + "\"",
                        worker -> worker.version().isEmpty() ? null : "1"),
                new Gauge(
                        "lyftdata_worker_conflicting_families",
                        "How many of the worker's families are not shown, since more workers give them another type.",
                        worker -> "",
                        worker -> leftOut.containsKey(worker.id())
                                ? leftOut.get(worker.id()).toString()
                                : null));
        for (Gauge gauge : gauges) {
            write(gauge, fleet, out);
        }
    }

    private static void write(Gauge gauge, List<WorkerStatus> fleet, OutputStream out) throws IOException {
        boolean isFirst = true;
        for (WorkerStatus worker : fleet) {
            String value = gauge.value().apply(worker);
            if (value != null) {
                if (isFirst) {
                    out.write(FleetExposition.head(gauge.name(), MetricType.GAUGE, gauge.help()));
                    isFirst = false;
                }
                String sample = gauge.name() + "{worker=\"" + worker.id() + "\""
                        + gauge.labels().apply(worker) + "} " + value + "\n";
                out.write(sample.getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private static String escape(String text) {
        return text.replaceAll("\\p{Cntrl}", " ").replace("\\", "\\\\").replace("\"", "\\\"");
    }
}

package io.lyftdata.server;

import io.lyftdata.logs.LogStore;
import io.lyftdata.metrics.WorkerMetrics;
import io.lyftdata.monitoring.Monitor;
import io.lyftdata.staging.StagingDirectory;
import io.prometheus.metrics.core.metrics.Counter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** What the features and Jetty know of themselves, named for the monitor. */
final class Readings {
    private Readings() {}

    static void register(Monitor monitor, Ground ground, Features features) {
        String version = Optional.ofNullable(Readings.class.getPackage().getImplementationVersion())
                .orElse("development");
        monitor.info("build", "The version that runs.", "version", version);
        monitor.gauges("workers", "Workers by state.", "state", features.workers()::counts);
        monitor.gauge(
                "audit_position",
                "The newest record of the audit log.",
                () -> ground.audit().position());
        storage(monitor, ground.staging());
        logs(monitor, features);
        WorkerMetrics metrics = features.telemetry().metrics();
        monitor.total("metrics_pushes", "Workers' metrics that were taken.", metrics::pushes);
        monitor.gauge("metrics_workers", "Workers whose metrics are kept.", metrics::workers);
        monitor.gauge("metrics_series", "Series of these workers.", metrics::series);
        monitor.gauge(
                "metrics_conflicting_families",
                "Workers' families that are not shown, since more workers give them another type.",
                metrics::conflicts);
    }

    private static void logs(Monitor monitor, Features features) {
        LogStore logs = features.telemetry().logs();
        monitor.total(
                "logs_lines",
                "Log lines that are on disk, since the start.",
                () -> logs.written().get("lines"));
        monitor.total(
                "logs_batches",
                "Batches of log lines that were acknowledged.",
                () -> logs.written().get("batches"));
        monitor.total(
                "logs_commits",
                "Groups in which these were brought to disk.",
                () -> logs.written().get("commits"));
        monitor.gauge("logs_queue_batches", "Batches that wait for the disk.", logs::waiting);
        monitor.gauge("logs_size_bytes", "What the logs take on disk.", logs::bytes);
        monitor.gauges(
                "logs_next_pruning_timestamp_seconds",
                "When the oldest day's logs go; the disk may make them go earlier.",
                "reason",
                () -> features.telemetry()
                        .sweeper()
                        .nextPruning()
                        .map(time -> Map.of("age", time.getEpochSecond()))
                        .orElse(Map.of()));
    }

    private static void storage(Monitor monitor, StagingDirectory staging) {
        Path directory = staging.path("telemetry");
        monitor.gauge(
                "disk_size_bytes",
                "Of the file system that holds the staging directory.",
                () -> directory.getParent().toFile().getTotalSpace());
        monitor.gauge(
                "disk_available_bytes",
                "What is left of it.",
                () -> directory.getParent().toFile().getUsableSpace());
        monitor.gauge(
                "database_size_bytes",
                "The control database's file; 0 with PostgreSQL.",
                () -> staging.path("control.db").toFile().length());
    }

    /** Before the server starts. */
    static void register(Monitor monitor, Server server) {
        QueuedThreadPool threads = (QueuedThreadPool) server.getThreadPool();
        monitor.gauges(
                "http_threads",
                "Threads that serve requests.",
                "state",
                () -> Map.of("busy", threads.getUtilizedThreads(), "idle", threads.getIdleThreads()));
        monitor.gauge("http_queue_requests", "Requests that wait for a thread.", threads::getQueueSize);
        Counter handshakes = monitor.counter("tls_handshakes", "TLS handshakes by outcome.", "result");
        for (ServerConnector connector : connectors(server)) {
            connector.addBean(new SslHandshakeListener() {
                @Override
                public void handshakeSucceeded(Event event) {
                    handshakes.labelValues("ok").inc();
                }

                @Override
                public void handshakeFailed(Event event, Throwable failure) {
                    handshakes.labelValues("failed").inc();
                }
            });
        }
        monitor.gauge(
                "http_connections",
                "Open connections, the admin connector's included.",
                () -> Arrays.stream(connectors(server))
                        .mapToLong(
                                connector -> connector.getConnectedEndPoints().size())
                        .sum());
    }

    private static ServerConnector[] connectors(Server server) {
        return Arrays.stream(server.getConnectors()).toArray(ServerConnector[]::new);
    }
}

package io.lyftdata.server;

import io.lyftdata.monitoring.Monitor;
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

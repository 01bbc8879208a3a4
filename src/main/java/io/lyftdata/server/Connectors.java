package io.lyftdata.server;

import io.dropwizard.core.server.DefaultServerFactory;
import io.dropwizard.core.setup.Environment;
import io.dropwizard.jetty.HttpConnectorFactory;
import io.dropwizard.request.logging.RequestLogFactory;
import io.dropwizard.util.DataSize;
import io.dropwizard.util.Duration;
import io.lyftdata.certificate.NativeTls;
import io.lyftdata.certificate.ServerCertificate;
import io.lyftdata.certificate.TlsConnectorFactory;
import io.lyftdata.config.HostPort;
import io.lyftdata.monitoring.AccessLog;
import io.lyftdata.monitoring.Monitor;
import io.lyftdata.monitoring.RequestMeter;
import io.lyftdata.monitoring.RequestThreads;
import java.util.Arrays;
import java.util.List;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The two ports: the API over TLS (or plain, behind a proxy) and the admin connector on loopback. */
final class Connectors {
    static final Duration IDLE = Duration.seconds(15);
    /** Connections that the kernel keeps: a second's worth, so that none is served whose caller has given up. */
    private static final int ACCEPT_QUEUE = 128;

    private static final Duration GRACE = Duration.seconds(20);

    private Connectors() {}

    static Server build(ServerConfig config, ServerCertificate certificate, Monitor monitor, Environment dropwizard) {
        HttpConnectorFactory api = config.disableTls()
                ? new HttpConnectorFactory()
                : new TlsConnectorFactory(certificate::offered, NativeTls.load(config.tlsConscrypt()));
        HttpConnectorFactory admin = new HttpConnectorFactory();
        DefaultServerFactory server = new DefaultServerFactory();
        server.setApplicationConnectors(List.of(bounded(api, config.bindAddress())));
        server.setAdminConnectors(List.of(bounded(admin, config.adminBindAddress())));
        server.setRegisterDefaultExceptionMappers(false);
        // A thread's name stands in every line of the log, and the filter puts the URL's query into it.
        server.setEnableThreadNameFilter(false);
        server.getGzipFilterFactory().setEnabled(false);
        server.setRequestLogFactory(new AccessLogFactory(monitor));
        server.setShutdownGracePeriod(GRACE);
        server.setAdminMaxThreads(16);
        Server built = server.build(dropwizard);
        fit(built);
        return built;
    }

    private static HttpConnectorFactory bounded(HttpConnectorFactory connector, HostPort address) {
        connector.setBindHost(address.host());
        connector.setPort(address.port());
        connector.setIdleTimeout(IDLE);
        connector.setAcceptQueueSize(ACCEPT_QUEUE);
        connector.setUseServerHeader(false);
        connector.setUseDateHeader(true);
        connector.setMaxRequestHeaderSize(DataSize.kibibytes(16));
        // Each connection's own cache of header values took 53 KiB, more than all the rest of a worker that waits.
        connector.setHeaderCacheSize(DataSize.bytes(0));
        connector.setHttpCompliance(HttpCompliance.STRICT);
        return connector;
    }

    /** As many threads for the API as it has work for. */
    private static void fit(Server server) {
        RequestThreads threads = new RequestThreads((QueuedThreadPool) server.getThreadPool());
        server.addBean(threads);
        Arrays.stream(server.getConnectors())
                .filter(connector -> connector.getName().equals("application"))
                .forEach(connector -> ((ServerConnector) connector).addBean(threads, false));
    }

    private static final class AccessLogFactory implements RequestLogFactory<RequestLog> {
        private final RequestLog log;

        private AccessLogFactory(Monitor monitor) {
            log = new RequestLog.Collection(new AccessLog(), new RequestMeter(monitor));
        }

        @Override
        public boolean isEnabled() {
            return true;
        }

        @Override
        public RequestLog build(String name) {
            return log;
        }
    }
}

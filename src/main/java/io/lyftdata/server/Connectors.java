package io.lyftdata.server;

import io.dropwizard.core.server.DefaultServerFactory;
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
import java.util.List;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.server.RequestLog;

/** The two ports: the API over TLS (or plain, behind a proxy) and the admin connector on loopback. */
final class Connectors {
    static final Duration IDLE = Duration.seconds(15);
    private static final Duration GRACE = Duration.seconds(20);

    private Connectors() {}

    static DefaultServerFactory of(ServerConfig config, ServerCertificate certificate, Monitor monitor) {
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
        return server;
    }

    private static HttpConnectorFactory bounded(HttpConnectorFactory connector, HostPort address) {
        connector.setBindHost(address.host());
        connector.setPort(address.port());
        connector.setIdleTimeout(IDLE);
        connector.setUseServerHeader(false);
        connector.setUseDateHeader(true);
        connector.setMaxRequestHeaderSize(DataSize.kibibytes(16));
        // Each connection's own cache of header values took 53 KiB, more than all the rest of a worker that waits.
        connector.setHeaderCacheSize(DataSize.bytes(0));
        connector.setHttpCompliance(HttpCompliance.STRICT);
        return connector;
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

package io.lyftdata.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.lyftdata.monitoring.Shedding.Kind;
import jakarta.servlet.DispatcherType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.ee10.servlet.DefaultServlet;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A fleet that is more than the server can take waits its turn, and people do not wait for it. */
class SheddingTest {
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong ticks = new AtomicLong();
    private final Monitor monitor = new Monitor(new MetricRegistry());
    private final HttpClient client = HttpClient.newHttpClient();
    private Shedding shedding;
    private Server server;

    @BeforeEach
    void start() throws Exception {
        server = new Server();
        server.addConnector(new ServerConnector(server));
        ServletContextHandler context = new ServletContextHandler();
        shedding = new Shedding(
                10,
                Duration.ofSeconds(15),
                path -> path.startsWith("/w/telemetry")
                        ? Kind.TELEMETRY
                        : path.startsWith("/w/") ? Kind.NEEDED : Kind.KEPT,
                request -> waiting.get(),
                ticks::get,
                monitor);
        context.addFilter(new FilterHolder(shedding), "/*", EnumSet.of(DispatcherType.REQUEST));
        context.addServlet(new ServletHolder(new DefaultServlet()), "/*");
        server.setHandler(context);
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
    }

    private HttpResponse<String> get(String path) throws Exception {
        int port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
        URI uri = URI.create("http://127.0.0.1:" + port + path);
        return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }

    private String told() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        monitor.writeTo(out);
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void spreadsTheWorkersThatItCannotServeNow() throws Exception {
        waiting.set(10);
        assertThat(get("/w/heartbeat").statusCode()).isEqualTo(404);
        waiting.set(11);
        assertThat(get("/w/heartbeat").statusCode()).as("as after a pause").isEqualTo(404);
        ticks.addAndGet(499_999_999);
        assertThat(get("/w/heartbeat").statusCode()).isEqualTo(404);
        ticks.incrementAndGet();
        Set<Integer> waits = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            HttpResponse<String> refused = get("/w/heartbeat");
            assertThat(refused.statusCode()).isEqualTo(503);
            waits.add(
                    Integer.valueOf(refused.headers().firstValue("Retry-After").orElseThrow()));
        }
        assertThat(waits).hasSizeGreaterThan(5).allMatch(wait -> wait >= 1 && wait <= 15);
        assertThat(get("/people").statusCode()).isEqualTo(404);
        assertThat(told()).contains("http_shed_requests_total 50.0\n");
    }

    /** Or each that is turned away costs a handshake when it comes again. */
    @Test
    void keepsTheConnectionOfWhomItTurnsAway() throws Exception {
        waiting.set(81);
        HttpResponse<String> refused = get("/w/heartbeat");
        long wait = Long.parseLong(refused.headers().firstValue("Retry-After").orElseThrow());
        ServerConnector connector = (ServerConnector) server.getConnectors()[0];
        assertThat(connector.getConnectedEndPoints())
                .singleElement()
                .extracting(EndPoint::getIdleTimeout)
                .isEqualTo(connector.getIdleTimeout() + 1_000 * wait);
    }

    @Test
    void turnsTelemetryAwayFirst() throws Exception {
        waiting.set(3);
        assertThat(get("/w/telemetry").statusCode()).isEqualTo(404);
        ticks.addAndGet(500_000_000);
        assertThat(get("/w/telemetry").statusCode()).isEqualTo(503);
        assertThat(get("/w/heartbeat").statusCode()).isEqualTo(404);
        assertThat(get("/people").statusCode()).isEqualTo(404);
        waiting.set(2);
        assertThat(get("/w/telemetry").statusCode()).isEqualTo(404);
    }

    @Test
    void turnsAwayAtOnceWhatIsFarTooMuch() throws Exception {
        waiting.set(80);
        assertThat(get("/w/heartbeat").statusCode()).isEqualTo(404);
        waiting.set(81);
        assertThat(get("/w/heartbeat").statusCode()).isEqualTo(503);
    }

    @Test
    void forgetsWhatIsOver() throws Exception {
        waiting.set(11);
        get("/w/heartbeat");
        waiting.set(10);
        get("/w/heartbeat");
        ticks.addAndGet(Duration.ofMinutes(1).toNanos());
        waiting.set(11);
        assertThat(get("/w/heartbeat").statusCode()).isEqualTo(404);
    }

    @Test
    void tellsBeforeItTurnsAwayAndNoLonger() throws Exception {
        for (int queue : new int[] {0, 2, 3, 10, 11, 2}) {
            waiting.set(queue);
            get("/people");
            assertThat(shedding.isNear()).isEqualTo(queue > 2);
        }
    }
}

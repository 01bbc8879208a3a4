package io.lyftdata.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A reader that never ends does not keep workers from being served. */
class LongReadsTest {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);
    private final Monitor monitor = new Monitor(new MetricRegistry());
    private final HttpClient client = HttpClient.newHttpClient();
    private Server server;

    @BeforeEach
    void start() throws Exception {
        server = new Server();
        server.addConnector(new ServerConnector(server));
        ServletContextHandler context = new ServletContextHandler();
        context.addFilter(new FilterHolder(new LongReads(1, monitor)), "/*", EnumSet.of(DispatcherType.REQUEST));
        context.addServlet(new ServletHolder(new Endless()), "/*");
        server.setHandler(context);
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        end.countDown();
        server.stop();
    }

    /** Reads of one worker's logs last until the test lets them end. */
    private final class Endless extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            if (request.getRequestURI().equals("/api/workers/w/logs")) {
                begun.countDown();
                try {
                    end.await(60, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    private HttpRequest get(String path) {
        int port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .build();
    }

    private int status(String path) throws Exception {
        return client.send(get(path), BodyHandlers.discarding()).statusCode();
    }

    private String told() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        monitor.writeTo(out);
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void oneReaderTooManyComesAgainAndWorkersAreServed() throws Exception {
        CompletableFuture<HttpResponse<Void>> first =
                client.sendAsync(get("/api/workers/w/logs"), BodyHandlers.discarding());
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(told()).contains("lyftdata_server_long_reads 1.0\n");
        for (String path : new String[] {"/api/workers/metrics", "/api/workers/logs", "/metrics"}) {
            HttpResponse<Void> refused = client.send(get(path), BodyHandlers.discarding());
            assertThat(refused.statusCode()).as(path).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).contains("2");
        }
        for (String path : new String[] {"/api/worker/logs", "/api/workers", "/api/health"}) {
            assertThat(status(path)).as(path).isEqualTo(200);
        }
        end.countDown();
        assertThat(first.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        assertThat(status("/api/workers/metrics")).isEqualTo(200);
    }
}

package io.lyftdata.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropwizard.auth.AuthValueFactoryProvider;
import io.lyftdata.api.LogLine;
import io.lyftdata.api.fleet.MetricsPush;
import io.lyftdata.auth.Caller;
import io.lyftdata.auth.Origin;
import io.lyftdata.auth.Role;
import io.lyftdata.host.Space;
import io.lyftdata.http.ProblemMapper;
import io.lyftdata.logs.LogResource;
import io.lyftdata.logs.LogStore;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.SecurityContext;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.glassfish.jersey.internal.MapPropertiesDelegate;
import org.glassfish.jersey.server.ApplicationHandler;
import org.glassfish.jersey.server.ContainerRequest;
import org.glassfish.jersey.server.ContainerResponse;
import org.glassfish.jersey.server.ResourceConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The routes of metrics and logs as Jersey runs them; the caller is worker w. */
public class TelemetryResourcesTest {
    private static final String TEXT = "text/plain; version=0.0.4";
    private static final String LINE = "{\"time\":\"2026-11-23T12:00:00Z\",\"message\":\"m\"}\n";

    @TempDir
    Path directory;

    private MetricsFixture fixture;
    private LogStore logs;
    private ApplicationHandler server;

    private record Answer(int status, String type, String body) {}

    @BeforeEach
    void open() throws Exception {
        fixture = new MetricsFixture(directory);
        fixture.add("w");
        logs = new LogStore(directory, "installation", new Space(() -> 0), fixture.clock);
        logs.start();
        ResourceConfig config = new ResourceConfig();
        config.register(new MetricsResource(
                fixture.metrics,
                () -> fixture.fleet,
                id -> fixture.fleet.stream().filter(w -> w.id().equals(id)).findFirst()));
        config.register(new LogResource(logs, id -> fixture.fleet.stream().anyMatch(w -> w.id().equals(id))));
        config.register(new ProblemMapper());
        config.register(new AuthValueFactoryProvider.Binder<>(Caller.class));
        config.register(new AsWorker());
        server = new ApplicationHandler(config);
    }

    @AfterEach
    void close() throws Exception {
        logs.stop();
        fixture.close();
    }

    private static final class AsWorker implements ContainerRequestFilter, SecurityContext {
        @Override
        public void filter(ContainerRequestContext context) {
            context.setSecurityContext(this);
        }

        @Override
        public Principal getUserPrincipal() {
            return new Caller(Caller.Kind.WORKER, "w", Role.WORKER, "key", Origin.NONE);
        }

        @Override
        public boolean isUserInRole(String role) {
            return false;
        }

        @Override
        public boolean isSecure() {
            return true;
        }

        @Override
        public String getAuthenticationScheme() {
            return "Bearer";
        }
    }

    private byte[] bytes(String path, Map<String, String> headers) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        response("GET", path, headers, "", out);
        return out.toByteArray();
    }

    private Answer call(String method, String path, Map<String, String> headers, String body) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ContainerResponse response = response(method, path, headers, body, out);
        return new Answer(
                response.getStatus(), String.valueOf(response.getMediaType()), out.toString(StandardCharsets.UTF_8));
    }

    private ContainerResponse response(
            String method, String path, Map<String, String> headers, String body, ByteArrayOutputStream out)
            throws Exception {
        URI base = URI.create("https://localhost/");
        ContainerRequest request =
                new ContainerRequest(base, base.resolve(path), method, null, new MapPropertiesDelegate(), null);
        headers.forEach(request::header);
        request.setEntityStream(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
        return server.apply(request, out).get();
    }

    private Answer get(String path) throws Exception {
        return call("GET", path, Map.of(), "");
    }

    @Test
    void prometheusGetsItsTextFormatWhateverItAccepts() throws Exception {
        assertThat(call("PUT", "api/worker/metrics", Map.of("Content-Type", TEXT), "a 1\n")
                        .status())
                .isEqualTo(204);
        for (String accept : new String[] {"*/*", "application/openmetrics-text;version=1.0.0", "application/json"}) {
            Answer answer = call("GET", "api/workers/metrics", Map.of("Accept", accept), "");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.type()).matches("text/plain;( ?(version=0.0.4|charset=utf-8);?){2}");
            assertThat(answer.body()).contains("\na{worker=\"w\"} 1\n", "lyftdata_worker_up{worker=\"w\"} 1\n");
        }
    }

    @Test
    void aWorkersOwnMetricsStandAlone() throws Exception {
        fixture.put("v", "b 2\n");
        assertThat(get("api/workers/v/metrics").body())
                .contains("b{worker=\"v\"} 2\n")
                .doesNotContain("\"w\"");
        assertThat(get("api/workers/w/metrics").body())
                .contains("lyftdata_worker_up{worker=\"w\"} 0\n")
                .doesNotContain("\"v\"");
        assertThat(get("api/workers/x/metrics").status()).isEqualTo(404);
    }

    @Test
    void theExpositionComesCompressedToThoseWhoAsk() throws Exception {
        fixture.put("w", "a 1\n");
        String plain = get("api/workers/metrics").body();
        for (String wanted : List.of("gzip", "deflate, gzip;q=0.5", "br;q=1.0, GZIP")) {
            byte[] body = bytes("api/workers/metrics", Map.of("Accept-Encoding", wanted));
            try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(body))) {
                assertThat(new String(gzip.readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo(plain);
            }
        }
        for (String other : List.of("identity", "gzip;q=0", "gzip; q=0.0, deflate", "gzipped")) {
            assertThat(bytes("api/workers/metrics", Map.of("Accept-Encoding", other)))
                    .isEqualTo(plain.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void aWorkerIsToldWhichFamiliesAreNotShown() throws Exception {
        fixture.put("v", "# TYPE a gauge\na 1\n");
        fixture.put("u", "# TYPE a gauge\na 1\n");
        fixture.metrics.sweep();
        ContainerResponse answer = response(
                "PUT",
                "api/worker/metrics",
                Map.of("Content-Type", TEXT),
                "# TYPE a counter\na 1\n",
                new ByteArrayOutputStream());
        assertThat(answer.getStatus()).isEqualTo(204);
        assertThat(answer.getHeaderString(MetricsPush.LEFT_OUT_HEADER)).isEqualTo("a");
    }

    @Test
    void refusedMetricsNameTheLine() throws Exception {
        Answer answer = call("PUT", "api/worker/metrics", Map.of("Content-Type", TEXT), "a 1\nb\n");
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.body()).contains("metrics line 2: ");
    }

    @Test
    void aWorkerWritesOnlyItsOwnLogs() throws Exception {
        Map<String, String> headers = Map.of("Content-Type", LogLine.MEDIA_TYPE, LogLine.BATCH_HEADER, "0".repeat(32));
        String forged = LINE.replace("}", ",\"worker\":\"v\"}");
        assertThat(call("POST", "api/worker/logs", headers, forged).status()).isEqualTo(204);
        assertThat(call("POST", "api/worker/logs", headers, forged).status()).isEqualTo(204);
        fixture.add("v");
        assertThat(get("api/workers/v/logs").body()).isEmpty();
        Answer answer = get("api/workers/w/logs?limit=5");
        assertThat(answer.type()).isEqualTo(LogLine.MEDIA_TYPE);
        assertThat(answer.body())
                .isEqualTo(get("api/workers/logs").body())
                .startsWith(
                        "{\"time\":\"2026-11-23T12:00:00.000Z\",\"level\":\"info\",\"source\":\"\",\"message\":\"m\","
                                + "\"worker\":\"w\",\"cursor\":\"");
        assertThat(get("api/workers/x/logs").status()).isEqualTo(404);
        assertThat(get("api/workers/logs?limit=0").status()).isEqualTo(422);
    }

    @Test
    void headAnswersLikeGetWithoutTheBody() throws Exception {
        for (String path : new String[] {"api/workers/metrics", "api/workers/w/logs"}) {
            Answer head = call("HEAD", path, Map.of(), "");
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.type()).isEqualTo(get(path).type());
            assertThat(head.body()).isEmpty();
        }
    }
}

package io.lyftdata.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.lyftdata.telemetry.MetricsReporter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One endpoint that writes badly must not cost a worker all its metrics: the server refuses what is not valid, whole. */
class WorkerExpositionTest {
    private static final List<String> PARTS = List.of(
            "a",
            "b_total",
            "c",
            "_count",
            "_bucket",
            "_sum",
            "{",
            "}",
            "{x=\"",
            "\",",
            "\\",
            "\n",
            " ",
            " 1\n",
            " 1\n",
            " NaN\n",
            "# TYPE a summary\n",
            "# TYPE a histogram\n",
            "# TYPE a_count gauge\n",
            "# HELP a x\\y\u0001 z\n",
            "é",
            "\ufffd",
            "\u0002",
            "{le=\"1\"}",
            "{quantile=\"x\"}",
            "{worker=\"w\"}",
            ".5e3 17\n",
            "1.",
            "__name__");

    @TempDir
    private Path directory;

    @Test
    void whateverAWorkerScrapesTheServerTakesItsMetrics() throws IOException {
        Random random = new Random(11);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = made(random).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
        List<URI> targets =
                IntStream.range(0, 20).mapToObj(i -> URI.create(url + i)).toList();
        try (MetricsReporter reporter = new MetricsReporter(targets, directory)) {
            for (int i = 0; i < 30; i++) {
                byte[] report = reporter.collect();
                assertThat(ExpositionParser.parse("w", report)).isNotNull();
                assertThat(new String(report, StandardCharsets.UTF_8)).contains("} 1\nscrape_up{", "} 0\nscrape_up{");
            }
        } finally {
            server.stop(0);
        }
    }

    private static String made(Random random) {
        StringBuilder text = new StringBuilder("ok 1\n");
        for (int n = random.nextInt(6); n > 0; n--) {
            text.append(PARTS.get(random.nextInt(PARTS.size())));
        }
        return text.toString();
    }
}

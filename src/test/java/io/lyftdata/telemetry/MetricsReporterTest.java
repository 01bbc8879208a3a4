package io.lyftdata.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsReporterTest {
    private static final String LABEL = "[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\n]|\\\\[\\\\n\"])*\"";
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)((?:\\{" + LABEL + "(?:," + LABEL
            + ")*\\})?) ([+-]?(?:\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?|Inf)|NaN)");

    @TempDir
    private Path directory;

    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private URI serve(String path, String text) {
        return serve(path, 200, text.getBytes(StandardCharsets.UTF_8));
    }

    private URI serve(String path, int status, byte[] body) {
        server.createContext(path, exchange -> {
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    private String collect(URI... targets) {
        try (MetricsReporter reporter = new MetricsReporter(List.of(targets), directory)) {
            return check(new String(reporter.collect(), StandardCharsets.UTF_8));
        }
    }

    private String scrape(String path) {
        return "scrape=\"127.0.0.1:" + server.getAddress().getPort() + path + "\"";
    }

    private static String target(URI url) {
        return "{target=\"" + url.getAuthority() + url.getPath() + "\"}";
    }

    /** What a strict reader holds against the text: grammar, one HELP and TYPE a family, no gap in it, no series twice. */
    private static String check(String text) {
        assertThat(text).endsWith("\n");
        Map<String, String> types = new HashMap<>();
        Set<String> helps = new HashSet<>();
        Set<String> series = new HashSet<>();
        String family = "";
        for (String line : text.lines().toList()) {
            if (line.startsWith("# HELP ")) {
                family = line.split(" ", 4)[2];
                assertThat(helps.add(family)).as(line).isTrue();
            } else if (line.startsWith("# TYPE ")) {
                family = line.split(" ", 4)[2];
                assertThat(types.put(family, line.split(" ", 4)[3])).as(line).isNull();
            } else {
                Matcher sample = SAMPLE.matcher(line);
                assertThat(sample.matches()).as(line).isTrue();
                assertThat(series.add(sample.group(1) + sample.group(2)))
                        .as(line)
                        .isTrue();
                String suffix = Map.of("histogram", "(_bucket|_sum|_count)", "summary", "(_sum|_count)?")
                        .getOrDefault(types.get(family), "");
                assertThat(sample.group(1)).matches(Pattern.quote(family) + suffix);
            }
        }
        return text;
    }

    @Test
    void reportsTheHostAndItsOwnJvm() {
        String text = collect();
        assertThat(text)
                .contains(
                        "\n# TYPE node_cpu_seconds_total counter\nnode_cpu_seconds_total{cpu=\"0\",mode=\"user\"} ",
                        "\nnode_memory_MemTotal_bytes ",
                        "\nnode_memory_MemAvailable_bytes ",
                        "\nnode_load1 ",
                        "\nnode_network_receive_bytes_total{device=\"lo\"} ",
                        "\nnode_boot_time_seconds ",
                        "\njvm_memory_used_bytes{area=\"heap\"} ",
                        "\njvm_gc_collection_seconds_count{gc=",
                        "\nprocess_cpu_seconds_total ",
                        "\nprocess_resident_memory_bytes ")
                .doesNotContain("tmpfs", "lyftdata_");
    }

    @Test
    void mergesEndpointsIntoOneFamilyAndKeepsTheirSeriesApart() {
        URI one = serve(
                "/one",
                "# HELP jobs Jobs \\\\ \\n done.\n# TYPE jobs counter\njobs{q=\"a\\\"b\\\\\",} 1 1700000000000\njobs 2e3\n");
        URI two = serve("/two", "# TYPE jobs counter\r\njobs{ q = \"ü\" , scrape=\"x\" } +Inf\r\n# EOF");
        String text = collect(one, two);
        assertThat(text)
                .contains("# HELP jobs Jobs \\\\ \\n done.\n# TYPE jobs counter\njobs{q=\"a\\\"b\\\\\","
                        + scrape("/one")
                        + "} 1\njobs{" + scrape("/one") + "} 2e3\njobs{exported_scrape=\"x\",q=\"ü\"," + scrape("/two")
                        + "} +Inf\n")
                .contains("\nscrape_up" + target(one) + " 1\nscrape_up" + target(two) + " 1\n");
    }

    @Test
    void keepsTheSamplesOfAHistogramAndASummaryTogether() {
        URI url = serve("/h", """
                # TYPE h histogram
                h_bucket{le="1"} 1
                h_bucket{le="+Inf"} 2
                h_sum 3.5
                h_count 2
                # TYPE s summary
                s{quantile="0.5"} NaN
                s_sum 0
                s_count 0
                """);
        assertThat(collect(url))
                .contains("# TYPE h histogram\nh_bucket{le=\"1\"," + scrape("/h") + "} 1\n")
                .contains("# TYPE s summary\ns{quantile=\"0.5\"," + scrape("/h") + "} NaN\n");
    }

    @Test
    void leavesOutTheProductsOwnNames() {
        URI url = serve("/fake", """
                # TYPE lyftdata_worker_up gauge
                lyftdata_worker_up{worker="other"} 0
                lyftdata_server_x 1
                lyftdata_workers 1
                """);
        assertThat(collect(url))
                .doesNotContain("lyftdata_worker_up", "lyftdata_server_x")
                .contains("lyftdata_workers{", "\nscrape_reserved_families" + target(url) + " 2\n");
    }

    @Test
    void losesOnlyTheEndpointThatFails() {
        URI good = serve("/good", "up 1\n");
        List<URI> bad = new ArrayList<>(List.of(
                serve("/404", 404, new byte[0]),
                serve("/huge", 200, new byte[(1 << 20) + 1]),
                serve("/noise", "a 1\nwhat is this\n"),
                serve("/twice", "a 1\na 1\n"),
                URI.create("http://127.0.0.1:1/closed")));
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            many.append("b{n=\"").append(i).append("\"} 1\n");
        }
        bad.add(serve("/too-many", many.toString()));
        List<URI> all = new ArrayList<>(bad);
        all.add(good);
        String text = collect(all.toArray(URI[]::new));
        bad.forEach(url -> assertThat(text).contains("scrape_up" + target(url) + " 0\n"));
        assertThat(text)
                .contains("scrape_up" + target(good) + " 1\n", "\nup{" + scrape("/good") + "} 1\n")
                .doesNotContain("\na{", "\nb{");
    }

    @Test
    void namesTheLineThatIsNoSample() {
        for (String line : List.of(
                "1a 1",
                "a",
                "a b",
                "a{",
                "a{b}",
                "a{b=\"c} 1",
                "a{b=\"c\"d=\"e\"} 1",
                "a{b=\"\",b=\"\"} 1",
                "{} 1",
                "a 0x1",
                "a 1e999",
                "a " + "1".repeat(65),
                "a".repeat(300) + " 1",
                "a{__name__=\"b\"} 1",
                "a{b=\"\u0001\"} 1",
                "a{b=\"\\",
                "a} 1")) {
            assertThat(failure("ok 1\n\n" + line + "\n")).as(line).startsWith("line 3 ");
        }
    }

    private static String failure(String text) {
        try {
            new ExpositionParser("t").parse(text);
            return "none";
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    @Test
    void whateverAnEndpointSendsTheResultParses() {
        String[] parts = {
            "a",
            "b_total",
            "lyftdata_worker_up",
            "_count",
            "{",
            "}",
            "x=\"",
            "\"",
            "\\",
            "\n",
            " ",
            ",",
            "1",
            "NaN",
            "=",
            "# TYPE a summary\n",
            "# TYPE b counter\n",
            "# HELP a x\\",
            "\u2028",
            "é",
            "\t",
            "{le=\"1\"} ",
            " 1\n",
            "scrape"
        };
        Random random = new Random(7);
        int good = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(14); n >= 0; n--) {
                text.append(parts[random.nextInt(parts.length)]);
            }
            try {
                Exposition parsed = new ExpositionParser("host:1/p").parse(text.toString());
                Exposition all = new Exposition();
                all.family("a", "gauge", "").add(1);
                all.merge(parsed);
                check(new String(all.render(), StandardCharsets.UTF_8));
                good += parsed.series() > 0 ? 1 : 0;
            } catch (IOException e) {
                assertThat(e.getMessage()).startsWith("line ");
            }
        }
        assertThat(good).isGreaterThan(50);
    }

    @Test
    void refusesUrlsThatItCannotScrape() {
        for (String[] urls :
                new String[][] {{"ftp://h/m"}, {"/metrics"}, {"http://u:p@h/m"}, {"http://h:1/m?a", "http://h:1/m?b"}
                }) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new MetricsReporter(
                            Arrays.stream(urls).map(URI::create).toList(), directory))
                    .withMessageStartingWith("scrape: ");
        }
    }
}

package io.lyftdata.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lyftdata.auth.RefusalLimiter;
import io.lyftdata.auth.TrustedProxies;
import io.lyftdata.testing.FixtureKeys;
import io.lyftdata.testing.FixtureServer;
import io.lyftdata.testing.RawClient.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class HttpTest {
    private static final String JSON = "Content-Type: application/json";
    private static FixtureServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new FixtureServer(
                new FixtureKeys().authenticators((origin, part) -> false),
                new TrustedProxies(List.of(), TrustedProxies.Header.X_FORWARDED_FOR),
                new RefusalLimiter(1000, System::nanoTime),
                new FixtureResource());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Answer post(String path, byte[] body, String... headers) throws IOException {
        return server.client().call("127.0.0.1", "POST", path, body, headers);
    }

    private static Answer post(String path, String json) throws IOException {
        return post(path, json.getBytes(UTF_8), JSON);
    }

    private static Answer get(String path, String... headers) throws IOException {
        return server.client().call("127.0.0.1", "GET", path, "", headers);
    }

    private static void assertProblem(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        assertThat(answer.body()).contains("\"code\":\"" + code + "\"").contains("\"status\":" + status);
        assertThat(answer.body()).contains("\"requestId\":\"" + answer.header("Request-Id") + "\"");
        assertThat(answer.body())
                .doesNotContain("secret-detail", "io.lyftdata", "java.", "org.", "com.fasterxml", "Exception", "<html");
        assertHeaders(answer);
    }

    private static void assertHeaders(Answer answer) {
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        assertThat(answer.header("Strict-Transport-Security")).startsWith("max-age=");
        assertThat(answer.header("Content-Security-Policy")).contains("default-src 'none'");
        assertThat(answer.header("Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(answer.header("Request-Id")).matches("[0-9a-f]{16}");
        assertThat(answer.header("Server")).isEmpty();
    }

    @Test
    void everyAnswerHasItsOwnIdAndTheSecurityHeaders() throws Exception {
        Answer answer = get("/api/open", "Request-Id: mine", "X-Request-Id: mine");
        assertThat(answer.status()).isEqualTo(200);
        assertHeaders(answer);
        assertThat(get("/api/open").header("Request-Id")).isNotEqualTo(answer.header("Request-Id"));
    }

    @ParameterizedTest
    @CsvSource({
        "refusal,429,too_many_requests",
        "bug,500,internal_error",
        "busy,503,unavailable",
        "lost,503,unavailable",
        "full,507,storage_full",
        "enospc,507,storage_full",
        "constraint,500,internal_error",
    })
    void errorsBecomeProblemsWithoutTheirText(String kind, int status, String code) throws Exception {
        Answer answer = get("/api/fail?kind=" + kind, "Accept: text/plain");
        assertProblem(answer, status, code);
        if (status == 429) {
            assertThat(answer.header("Retry-After")).isEqualTo("2");
            assertThat(answer.body()).contains("\"extra\":7").contains("slower");
        }
        if (status == 503) {
            assertThat(answer.header("Retry-After")).isEqualTo("5");
        }
    }

    @Test
    void whatIsTheServersFaultIsLoggedOnceUnderTheRequestsId() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger(ProblemMapper.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>() {
            @Override
            protected void append(ILoggingEvent event) {
                event.prepareForDeferredProcessing();
                super.append(event);
            }
        };
        log.start();
        logger.addAppender(log);
        try {
            Answer answer = get("/api/fail?kind=bug");
            assertThat(log.list).singleElement().satisfies(event -> {
                assertThat(event.getLevel()).isEqualTo(Level.ERROR);
                assertThat(event.getThrowableProxy().getMessage()).isEqualTo("secret-detail");
                assertThat(event.getMDCPropertyMap()).containsEntry(RequestId.KEY, answer.header("Request-Id"));
            });
        } finally {
            logger.detachAppender(log);
        }
    }

    @Test
    void whatJerseyRefusesIsAProblemToo() throws Exception {
        assertProblem(get("/nowhere"), 404, "not_found");
        assertProblem(get("/api/nowhere", "Accept: application/xml"), 404, "not_found");
        Answer method = server.client().call("127.0.0.1", "DELETE", "/api/open", new byte[0]);
        assertProblem(method, 405, "method_not_allowed");
        assertThat(method.header("Allow")).contains("GET");
        assertProblem(get("/api/open", "Accept: image/png"), 406, "not_acceptable");
        assertProblem(get("/api/open", "Accept: ///"), 400, "bad_request");
        assertProblem(
                post("/api/echo", "x".getBytes(UTF_8), "Content-Type: text/plain"), 415, "media_type_unsupported");
        assertProblem(post("/api/echo", "{}".getBytes(UTF_8), "Content-Type: /"), 400, "bad_request");
        assertProblem(get("/api/fail?kind=bug&number=x"), 422, "unprocessable");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TRACE", "TRACK", "OPTIONS", "PATCH", "CONNECTED", "get"})
    void otherMethodsAreRefused(String method) throws Exception {
        Answer answer = server.client().call("127.0.0.1", method, "/api/open", new byte[0]);
        assertProblem(answer, 405, "method_not_allowed");
        assertThat(answer.header("Allow")).isEqualTo("GET, HEAD, POST, PUT, DELETE");
    }

    @Test
    void jettysOwnErrorsAreProblems() throws Exception {
        Answer bad = server.client()
                .send("127.0.0.1", "GET / HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n".getBytes(UTF_8))
                .orElseThrow();
        assertProblem(bad, 400, "bad_request");
        Answer version = server.client()
                .send("127.0.0.1", "GET / HTTP/7.0\r\nHost: a\r\n\r\n".getBytes(UTF_8))
                .orElseThrow();
        assertProblem(version, version.status(), "bad_request");
        assertThat(version.status()).isIn(400, 505);
        assertProblem(get("/api/open", "X: " + "a".repeat(9_000)), 431, "headers_too_large");
        assertProblem(get("/api/" + "a".repeat(9_000)), 414, "uri_too_long");
        assertProblem(get("/api/%2e%2e/open"), 400, "bad_request");
    }

    @Test
    void moreThanAHundredHeadersAreRefused() throws Exception {
        String[] many = new String[100];
        Arrays.setAll(many, i -> "X-" + i + ": 1");
        assertProblem(get("/api/open", many), 431, "headers_too_large");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/open?access_token=x",
                "/api/open?a=1&Access%5FToken=x",
                "/nowhere?authorization=x",
                "/nowhere?x=lyd_wk_00000000000000000000000000000000_0",
                "/nowhere?x=%6cyd_wk_00000000000000000000000000000000_0",
                "/nowhere/lyd_wk_00000000000000000000000000000000_0",
            })
    void credentialsInTheUrlAreRefusedOnEveryRoute(String path) throws Exception {
        assertProblem(get(path), 400, "bad_request");
    }

    @Test
    void jsonIsReadStrictly() throws Exception {
        assertThat(post("/api/echo", "{\"count\":1,\"time\":\"2026-01-02T03:04:05Z\"}")
                        .body())
                .contains("\"time\":\"2026-01-02T03:04:05.000Z\"");
        assertProblem(post("/api/echo", ""), 400, "bad_request");
        assertProblem(post("/api/echo", "null"), 400, "bad_request");
        assertProblem(post("/api/echo", "[]"), 400, "bad_request");
        assertProblem(post("/api/echo", "{"), 400, "bad_request");
        assertProblem(post("/api/echo", "{\"count\":1} {}"), 400, "bad_request");
        assertProblem(post("/api/echo", "{\"name\":\"a\",\"name\":\"b\"}"), 400, "bad_request");
        assertProblem(post("/api/echo", "[".repeat(2000)), 400, "bad_request");
        assertProblem(post("/api/echo", "{\"x\":" + "[".repeat(2000)), 400, "bad_request");
        for (String wrong : List.of(
                "{}",
                "{\"name\":1}",
                "{\"name\":true}",
                "{\"count\":\"1\"}",
                "{\"count\":1.5}",
                "{\"count\":null}",
                "{\"count\":99999999999999999999}",
                "{\"time\":5}",
                "{\"time\":\"yesterday\"}",
                "{\"parts\":{}}",
                "{\"labels\":[]}",
                "{\"parts\":[{\"size\":-1}]}")) {
            assertProblem(post("/api/echo", wrong), 422, "unprocessable");
        }
    }

    @Test
    void jsonErrorsNameTheFieldAndTheNearest() throws Exception {
        assertThat(post("/api/echo", "{\"parts\":[{\"size\":1},{\"siez\":1,\"size\":1}]}")
                        .body())
                .contains("there is no field `parts[1].siez`: did you mean `size`?");
        assertThat(post("/api/echo", "{\"parts\":[{\"size\":\"1\"}]}").body())
                .contains("the field `parts[0].size` must be given, as a number");
    }

    @Test
    void workerRoutesPassOverUnknownFieldsAndCountThem() throws Exception {
        int before = server.unknownFields();
        Answer answer = post("/api/worker/echo", "{\"name\":\"a\",\"new\":{\"deep\":[1]},\"count\":2}");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).contains("\"count\":2");
        assertThat(server.unknownFields()).isEqualTo(before + 1);
        assertProblem(post("/api/worker/echo", "{\"new\":" + "[".repeat(2000)), 400, "bad_request");
        assertProblem(post("/api/worker/echo", "{\"name\":1}"), 422, "unprocessable");
    }

    @Test
    void bodiesOverTheLimitAreRefused() throws Exception {
        String big = "{\"name\":\"" + "a".repeat(FixtureServer.JSON_LIMIT) + "\"}";
        assertProblem(post("/api/echo", big), 413, "body_too_large");
        String chunk = Integer.toHexString(big.length()) + "\r\n" + big + "\r\n0\r\n\r\n";
        Answer chunked = server.client()
                .send(
                        "127.0.0.1",
                        ("POST /api/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + JSON
                                        + "\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk)
                                .getBytes(UTF_8))
                .orElseThrow();
        assertProblem(chunked, 413, "body_too_large");
        assertProblem(post("/api/nowhere", big), 413, "body_too_large");
    }

    @Test
    void gzipIsInflatedWithinTheLimitAndOnlyWhereItIsTaken() throws Exception {
        byte[] ok = gzip(new byte[FixtureServer.WORKER_LIMIT]);
        assertThat(post("/api/worker/bytes", ok, "Content-Encoding: gzip").body())
                .isEqualTo("" + FixtureServer.WORKER_LIMIT);
        byte[] bomb = gzip(new byte[20 * 1024 * 1024]);
        assertProblem(post("/api/worker/bytes", bomb, "Content-Encoding: gzip"), 413, "body_too_large");
        byte[] cut = Arrays.copyOf(ok, ok.length - 9);
        assertProblem(post("/api/worker/bytes", cut, "Content-Encoding: gzip"), 400, "bad_request");
        ok[ok.length - 5] ^= 1;
        assertProblem(post("/api/worker/bytes", ok, "Content-Encoding: gzip"), 400, "bad_request");
        assertProblem(post("/api/worker/bytes", new byte[] {1, 2}, "Content-Encoding: gzip"), 400, "bad_request");
        assertProblem(post("/api/worker/bytes", ok, "Content-Encoding: br"), 415, "media_type_unsupported");
        assertProblem(
                post("/api/echo", gzip("{}".getBytes(UTF_8)), JSON, "Content-Encoding: gzip"),
                415,
                "media_type_unsupported");
        assertProblem(
                post("/api/worker/echo", gzip("{\"name\":7}".getBytes(UTF_8)), JSON, "Content-Encoding: gzip"),
                422,
                "unprocessable");
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }
}

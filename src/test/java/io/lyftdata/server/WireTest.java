package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.RawClient.Answer;
import io.lyftdata.testing.TestServer;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.eclipse.jetty.http.HttpStatus;
import org.junit.jupiter.api.Test;

/** Requests that two parsers could read in two ways, or that want more than there is: refused, as problem documents. */
class WireTest {
    private static final String SOURCE = "127.0.5.1";
    /** Less than the server waits for a client that says nothing; much more than it needs. */
    private static final long HELD_MILLIS = 10_000;

    private static final String SMUGGLED = "GET /api/health HTTP/1.1\r\nHost: HOST\r\n\r\n";
    private static final Pattern SUCCESS = Pattern.compile("HTTP/1\\.[01] 2\\d\\d");
    private static final List<String> SECURITY_HEADERS = List.of(
            "Cache-Control: no-store",
            "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
            "Referrer-Policy: no-referrer",
            "X-Content-Type-Options: nosniff",
            "Strict-Transport-Security: max-age=31536000");

    private final TestServer server = TestServer.shared();
    private final RawClient raw = RawClient.of(server);
    private final String host = server.url().getAuthority();
    private final String admin = "Authorization: Bearer " + server.token("admin");

    private Optional<Answer> send(String request) throws IOException {
        return raw.send(SOURCE, request.replace("HOST", host).getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A log-in that only its framing makes bad, with a second request where the body ends for a lax parser. */
    private static String login(String framing, String body) {
        return "POST /api/login HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n" + framing + "\r\n" + body
                + SMUGGLED;
    }

    private static String get(String target, String headers) {
        return "GET " + target + " HTTP/1.1\r\nHost: HOST\r\n" + headers + "Connection: close\r\n\r\n";
    }

    private static String chunked(String body) {
        return login("Transfer-Encoding: chunked\r\n", body);
    }

    private static Map<String, String> badLengths() {
        Map<String, String> cases = new LinkedHashMap<>();
        String chunks = "0\r\n\r\n";
        cases.put("CL and TE", login("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", chunks));
        cases.put("TE and CL", login("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", chunks));
        cases.put("two lengths", login("Content-Length: 5\r\nContent-Length: 0\r\n", chunks));
        cases.put("two lengths in one", login("Content-Length: 5, 0\r\n", chunks));
        for (String length :
                List.of("+5", "0x5", "-5", "5 5", "5a", "", "99999999999999999999", "5;", "\"5\"", "5.0")) {
            cases.put("length " + length, login("Content-Length: " + length + "\r\n", chunks));
        }
        for (String coding : List.of(
                "xchunked",
                "chunked, identity",
                "identity",
                "chunked, chunked",
                "gzip",
                "\"chunked\"",
                "\u000bchunked")) {
            cases.put("coding " + coding, login("Transfer-Encoding: " + coding + "\r\n", chunks));
        }
        cases.put("two TE", login("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", chunks));
        cases.put("TE in HTTP/1.0", chunked(chunks).replaceFirst("HTTP/1\\.1", "HTTP/1.0"));
        return cases;
    }

    private static Map<String, String> badChunks() {
        Map<String, String> cases = new LinkedHashMap<>();
        for (String size : List.of(
                "+2",
                "-2",
                "0x2",
                "2 2",
                "g",
                "",
                "FFFFFFFF",
                "80000000",
                "FFFFFFFFFFFFFFFFF",
                "2;a=\"\r\n\"",
                "2;a=\"",
                "2;\0")) {
            cases.put("chunk size " + size, chunked(size + "\r\n{}\r\n0\r\n\r\n"));
        }
        cases.put("lone LF after a chunk size", chunked("2\n{}\r\n0\r\n\r\n"));
        cases.put("lone LF after a chunk extension", chunked("2;x\n{}\r\n0\r\n\r\n"));
        cases.put("lone LF after a chunk", chunked("2\r\n{}\n0\r\n\r\n"));
        cases.put("lone CR after a chunk", chunked("2\r\n{}\r0\r\n\r\n"));
        cases.put("nothing after a chunk", chunked("2\r\n{}0\r\n\r\n"));
        cases.put("chunk longer than said", chunked("1\r\n{}\r\n0\r\n\r\n"));
        cases.put("lone LF at the end", chunked("2\r\n{}\r\n0\n\n"));
        cases.put("bad trailer", chunked("2\r\n{}\r\n0\r\nno colon\r\n\r\n"));
        return cases;
    }

    private static Map<String, String> badHeads() {
        Map<String, String> cases = new LinkedHashMap<>();
        cases.put("lone LF", get("/api/health", "").replace("\r\n", "\n"));
        cases.put("one lone LF", get("/api/health", "X-A: b\nX-C: d\r\n"));
        cases.put("lone CR", get("/api/health", "X-A: b\rX-C: d\r\n"));
        cases.put("obs-fold", get("/api/health", "X-A: b\r\n folded\r\n"));
        cases.put("obs-fold first", get("/api/health", "").replaceFirst("\r\n", "\r\n X-A: b\r\n"));
        cases.put("space before colon", get("/api/health", "X-A : b\r\n"));
        cases.put("space before the length's colon", login("Content-Length : 5\r\n", "0\r\n\r\n"));
        cases.put("no colon", get("/api/health", "X-A\r\n"));
        cases.put("no name", get("/api/health", ": b\r\n"));
        cases.put("NUL in a name", get("/api/health", "X\0A: b\r\n"));
        cases.put("NUL in a value", get("/api/health", "X-A: b\0c\r\n"));
        cases.put("NUL in the target", get("/api/hea\0lth", ""));
        cases.put("umlaut in a name", get("/api/health", "X-\u00e4: b\r\n"));
        cases.put("no host", "GET /api/health HTTP/1.1\r\nConnection: close\r\n\r\n");
        cases.put("two hosts", get("/api/health", "Host: HOST\r\n"));
        cases.put("bad host", get("/api/health", "").replace("HOST", "a b"));
        cases.put("host with a path", get("/api/health", "").replace("HOST", "HOST/x"));
        cases.put("foreign absolute-form", get("https://evil.example/api/health", ""));
        cases.put("absolute-form with a user", get("https://user@HOST/api/health", ""));
        cases.put("HTTP/0.9", "GET /api/health\r\n\r\n");
        cases.put("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        cases.put("HTTP/1.2", get("/api/health", "").replace("HTTP/1.1", "HTTP/1.2"));
        cases.put("HTTP/11", get("/api/health", "").replace("HTTP/1.1", "HTTP/11"));
        cases.put("tab", get("/api/health", "").replaceFirst(" ", "\t"));
        cases.put("bytes of another protocol", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\r\n\r\n");
        cases.put("long method", "G".repeat(20_000) + " / HTTP/1.1\r\nHost: HOST\r\n\r\n");
        cases.put("long target", get("/api/health?" + "a".repeat(20_000), ""));
        cases.put("long header", get("/api/health", "X-A: " + "b".repeat(20_000) + "\r\n"));
        cases.put(
                "250 headers",
                get(
                        "/api/health",
                        IntStream.range(0, 250).mapToObj(i -> "a" + i + ":\r\n").collect(Collectors.joining())));
        return cases;
    }

    /** With an administrator's token: only the path stands between it and a 2xx. */
    private Map<String, String> badPaths() {
        Map<String, String> cases = new LinkedHashMap<>();
        for (String path : List.of(
                "/api/workers%2fmetrics",
                "/api%2fworkers/metrics",
                "/api/workers%5cmetrics",
                "/api/workers\\metrics",
                "/api/x/../workers",
                "/api/%2e%2e/api/workers",
                "/api/x/%2e%2e/workers",
                "/api/x/.%2e/workers",
                "/api/./workers",
                "/api/%2e/workers",
                "/api//workers",
                "//api/workers",
                "/api/;a=b/workers",
                "/api/..;/api/workers",
                "/api/workers;a=b",
                "/api/users;/",
                "/api/%00/workers",
                "/api/workers%00",
                "/api/%zz",
                "/api/workers%",
                "/api/%c0%ae%c0%ae/api/workers",
                "/API/workers",
                "/api/workers#x",
                "/api/<script>",
                "workers",
                "*",
                "/api/workers?limit=%zz",
                "/api/workers?limit=%ff%fe")) {
            cases.put("path " + path, get(path, admin + "\r\n"));
        }
        return cases;
    }

    @Test
    void refusesWhatTwoParsersCouldReadInTwoWays() throws IOException {
        Map<String, String> cases = new LinkedHashMap<>();
        List.of(badLengths(), badChunks(), badHeads(), badPaths()).forEach(cases::putAll);
        List<String> wrong = new ArrayList<>();
        for (var each : cases.entrySet()) {
            long start = System.nanoTime();
            Optional<Answer> answer = send(each.getValue());
            long millis = (System.nanoTime() - start) / 1_000_000;
            if (answer.isPresent() && !isRefusal(answer.get())) {
                wrong.add(each.getKey() + ": " + answer.get());
            } else if (millis > HELD_MILLIS) {
                wrong.add(each.getKey() + ": held for " + millis + " ms");
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static boolean isRefusal(Answer answer) {
        boolean isOurs = answer.status() >= 400 && answer.status() < 500;
        return (isOurs || answer.status() == HttpStatus.HTTP_VERSION_NOT_SUPPORTED_505)
                && !answer.code().isEmpty()
                && answer.header("Content-Type").equals("application/problem+json")
                && !SUCCESS.matcher(answer.body()).find();
    }

    @Test
    void servesTheSameRequestsWhenTheyAreWellFormed() throws IOException {
        for (String good : List.of(
                get("/api/health", ""),
                get("https://HOST/api/health", ""),
                get("/api/health", "X-A: \"b\"\r\n"),
                get("/api/workers?limit=1", admin + "\r\n"))) {
            assertThat(send(good).orElseThrow().status()).as(good).isEqualTo(200);
        }
        String body = "{\"username\":\"admin\",\"password\":\"" + TestServer.ADMIN_PASSWORD + "\"}";
        String request =
                "POST /api/login HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nConnection: close\r\n";
        String length = Integer.toHexString(body.length());
        for (String extension : List.of("", ";a=b", ";a=\"b\"")) {
            assertThat(send(request + "Transfer-Encoding: chunked\r\n\r\n" + length + extension + "\r\n" + body
                                    + "\r\n0\r\n\r\n")
                            .orElseThrow()
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void putsTheSecurityHeadersOnEveryAnswer() throws IOException {
        Map<Integer, String> requests = new LinkedHashMap<>();
        requests.put(200, get("/api/health", ""));
        requests.put(401, get("/api/workers", ""));
        requests.put(404, get("/nothing", ""));
        requests.put(405, "TRACE /api/health HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n");
        requests.put(400, get("/api/health", "X-A : b\r\n"));
        requests.put(431, get("/api/health", "X-A: " + "b".repeat(20_000) + "\r\n"));
        for (var each : requests.entrySet()) {
            Answer answer = send(each.getValue()).orElseThrow();
            assertThat(answer.status()).isEqualTo(each.getKey());
            assertThat(answer.head().lines()).as(answer.head()).containsAll(SECURITY_HEADERS);
            assertThat(answer.header("Server")).isEmpty();
            assertThat(answer.header("Request-Id")).isNotEmpty();
            assertThat(answer.toString()).doesNotContainIgnoringCase("jetty", "jersey", "dropwizard", "java");
        }
    }

    @Test
    void hasNoMethodThatEchoesOrLists() throws IOException {
        for (String method : List.of("TRACE", "OPTIONS", "TRACK", "CONNECT", "PATCH", "DEBUG", "get")) {
            for (String path : List.of("/api/health", "/api/workers", "/nothing")) {
                Answer answer = raw.call(SOURCE, method, path, "", admin, "X-Echo: sound");
                assertThat(answer.status()).as(method + path).isIn(400, 405);
                assertThat(isRefusal(answer)).isTrue();
                assertThat(answer.toString()).doesNotContain("sound");
            }
        }
        assertThat(send("OPTIONS * HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n")
                        .orElseThrow()
                        .status())
                .isIn(400, 404);
    }

    @Test
    void plainHttpIsNeitherServedNorRedirected() throws IOException {
        try (Socket socket = new Socket(server.url().getHost(), server.url().getPort())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream()
                    .write(get("/api/workers", admin + "\r\n")
                            .replace("HOST", host)
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(answer).doesNotContain("HTTP/", "Location");
        }
    }
}

package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.RawClient.Answer;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a known caller sends to whichever route: a success or a problem document, and nothing of the inside. */
class RouteFuzzTest {
    private static final Pattern ROW = Pattern.compile("\\| ([A-Z]+) \\| `(/[^`]*)` \\| .* \\|");
    private static final Pattern TEXT = Pattern.compile("text/plain;( ?(version=0\\.0\\.4|charset=utf-8);?){2}");
    private static final int ROUNDS = 24;
    private static final List<String> FIELDS = List.of(
            "name",
            "labels",
            "keyId",
            "keyHash",
            "identityKey",
            "time",
            "signature",
            "username",
            "password",
            "role",
            "expiresInSeconds",
            "sources",
            "enabled",
            "enrollment_secret",
            "version",
            "uptimeSeconds",
            "tlsMode",
            "level",
            "message",
            "\u0000\ud83d\ude00");
    private static final List<String> WORDS = List.of(
            "admin",
            "viewer",
            "info",
            "",
            " ",
            "2026-11-24T00:00:00.000Z",
            "+999999999-12-31T23:59:59Z",
            "-1000000000-01-01T00:00:00Z",
            "127.0.0.1/99",
            "::1%lo",
            "a\u0000b",
            "\ud83d\ude00",
            "\ufffe\u202e",
            "' OR 1=1 --",
            "../../etc/passwd",
            "${jndi:ldap://x}",
            "a long password of 30 characters",
            "0".repeat(32),
            "f".repeat(64),
            "x".repeat(5_000));
    private static final List<String> NUMBERS = List.of(
            "0", "-1", "1e999", "1E400000000", "9223372036854775807", "9223372036854775808", "1.5", "1000", "NaN");
    private static final List<String> TYPES =
            List.of("application/json", "application/json", "text/plain", "application/x-ndjson", "a/b", "/", "*/*");
    private static final List<String> PARAMETERS = List.of("limit", "cursor", "since", "until", "level", "x");

    @TempDir
    private Path directory;

    private final Random random = new Random(20261124);
    private TestServer server;
    private Socket socket;
    private RawClient raw;
    private List<String> ids;

    @BeforeEach
    void open() throws IOException {
        server = TestServer.start(directory.resolve("staging"), Map.of());
        raw = RawClient.of(server);
        socket = raw.connect("127.0.0.1");
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
        server.close();
    }

    @Test
    void answersEverythingWithAProblemOrASuccess() throws IOException {
        TestWorker worker = TestWorker.enroll(server, "fuzzed");
        worker.beat();
        ids = List.of(
                worker.id(),
                "nobody",
                "%00",
                "a%20b",
                "%f0%9f%98%80",
                "x".repeat(3_000),
                "0".repeat(32),
                "%2e%2e",
                "%ff");
        List<String> credentials = List.of(
                "Bearer " + server.token("admin"), "Bearer " + worker.key().reveal());
        List<String> wrong = new ArrayList<>();
        int successes = 0;
        for (Matcher route : documented()) {
            for (int round = 0; round < 2 * ROUNDS; round++) {
                String authorization = credentials.get(round % 2);
                String head = head(route, authorization);
                byte[] body = route.group(1).equals("GET") ? new byte[0] : body();
                Answer answer = call(head, body);
                successes += answer.status() < 300 ? 1 : 0;
                if (!isClean(answer)) {
                    wrong.add(head + new String(body, StandardCharsets.UTF_8) + "\n=> " + answer);
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(successes).as("requests that got behind the checks").isGreaterThan(50);
    }

    private static List<Matcher> documented() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("docs/api.md"))) {
            List<Matcher> rows =
                    lines.map(ROW::matcher).filter(Matcher::matches).toList();
            assertThat(rows).hasSizeGreaterThan(25);
            return rows;
        }
    }

    private static boolean isClean(Answer answer) {
        boolean isSuccess = answer.status() >= 200 && answer.status() < 300;
        boolean isProblem = answer.status() >= 400
                && answer.status() < 500
                && !answer.code().isEmpty()
                && answer.header("Content-Type").equals("application/problem+json");
        String body = answer.body();
        boolean tells = Stream.of(
                        "java.", "io.lyftdata", "org.glassfish", "com.fasterxml", "SQLITE", "Exception", "\tat ")
                .anyMatch(body::contains);
        return (isSuccess || isProblem) && saysWhatItIs(answer) && !tells;
    }

    /** JSON and its kin are UTF-8 by their own standards, and take no charset. */
    private static boolean saysWhatItIs(Answer answer) {
        String type = answer.header("Content-Type");
        return switch (type) {
            case "application/json", "application/problem+json" -> answer.body().startsWith("{");
            case "application/x-ndjson" ->
                answer.body().isEmpty() || answer.body().startsWith("{");
            case "application/x-pem-file" -> answer.body().startsWith("-----BEGIN CERTIFICATE-----");
            case "" -> answer.body().isEmpty();
            default -> TEXT.matcher(type).matches() && answer.body().startsWith("# HELP ");
        };
    }

    private String head(Matcher route, String authorization) {
        String path = route.group(2)
                .replace("{id}", pick(ids))
                .replace("{name}", pick(ids))
                .replace("{number}", pick(ids));
        StringBuilder head = new StringBuilder(route.group(1) + " " + path);
        if (random.nextBoolean()) {
            head.append('?')
                    .append(random.ints(random.nextInt(4), 0, 4)
                            .mapToObj(i -> pick(PARAMETERS) + "=" + encoded(i < 2 ? pick(NUMBERS) : word()))
                            .collect(Collectors.joining("&")));
        }
        head.append(" HTTP/1.1\r\nHost: ").append(server.url().getAuthority());
        head.append("\r\nAuthorization: ").append(authorization);
        head.append("\r\nContent-Type: ").append(pick(TYPES));
        head.append("\r\nAccept: ").append(random.nextInt(4) == 0 ? pick(TYPES) : "*/*");
        if (random.nextInt(4) > 0) {
            head.append("\r\nLyftdata-Instance: ")
                    .append(hex())
                    .append("\r\nLyftdata-Batch: ")
                    .append(hex());
        }
        if (random.nextInt(8) == 0) {
            head.append("\r\nContent-Encoding: ").append(random.nextBoolean() ? "gzip" : "br");
        }
        return head.append("\r\n").toString();
    }

    private String hex() {
        byte[] bytes = new byte[random.nextInt(8) == 0 ? 15 : 16];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private byte[] body() {
        return switch (random.nextInt(8)) {
            case 0 -> {
                byte[] noise = new byte[random.nextInt(300)];
                random.nextBytes(noise);
                yield noise;
            }
            case 1 -> (value(0) + value(0)).getBytes(StandardCharsets.UTF_8);
            case 2 ->
                Stream.generate(() -> object(2))
                        .limit(3)
                        .collect(Collectors.joining("\n"))
                        .getBytes(StandardCharsets.UTF_8);
            case 3 ->
                ("# TYPE a gauge\na{" + word() + "=\"" + word() + "\"} " + pick(NUMBERS) + "\n")
                        .getBytes(StandardCharsets.UTF_8);
            default -> object(0).getBytes(StandardCharsets.UTF_8);
        };
    }

    private String object(int depth) {
        return random.ints(random.nextInt(FIELDS.size()), 0, FIELDS.size())
                .mapToObj(field -> quoted(FIELDS.get(field)) + ":" + value(depth + 1))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private String value(int depth) {
        return switch (random.nextInt(depth > 3 ? 6 : 9)) {
            case 0 -> "null";
            case 1 -> "true";
            case 2 -> pick(NUMBERS);
            case 3, 4, 5 -> quoted(word());
            case 6 -> "[" + value(depth + 1) + "," + value(depth + 1) + "]";
            default -> object(depth + 1);
        };
    }

    private String word() {
        return pick(WORDS);
    }

    private String pick(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\u0000", "\\u0000") + "\"";
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /**
     * On the kept connection; on a new one when the server has closed that. Again on another: Jetty closes one in some
     * thousands before the answer to a request that it cannot parse is out.
     */
    private Answer call(String head, byte[] body) throws IOException {
        byte[] start = (head + "Content-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
        for (int more = 4; ; more--) {
            try {
                return exchange(start, body);
            } catch (IOException e) {
                if (more == 0) {
                    throw e;
                }
                socket.close();
                socket = raw.connect("127.0.0.1");
            }
        }
    }

    private Answer exchange(byte[] start, byte[] body) throws IOException {
        byte[] whole = Arrays.copyOf(start, start.length + body.length);
        System.arraycopy(body, 0, whole, start.length, body.length);
        socket.getOutputStream().write(whole);
        return next(socket.getInputStream());
    }

    private static Answer next(InputStream in) throws IOException {
        String head = until(in, "\r\n\r\n");
        Answer bare = new Answer(Integer.parseInt(head.substring(9, 12)), head, "");
        StringBuilder body = new StringBuilder();
        if (!bare.header("Transfer-Encoding").isEmpty()) {
            for (int size = -1; size != 0; ) {
                size = Integer.parseInt(until(in, "\r\n"), 16);
                body.append(new String(in.readNBytes(size), StandardCharsets.UTF_8));
                in.skipNBytes(2);
            }
        } else {
            String length = bare.header("Content-Length");
            body.append(
                    new String(in.readNBytes(length.isEmpty() ? 0 : Integer.parseInt(length)), StandardCharsets.UTF_8));
        }
        return new Answer(bare.status(), head, body.toString());
    }

    private static String until(InputStream in, String end) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf(end) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("closed after: " + text);
            }
            text.append((char) next);
        }
        return text.substring(0, text.length() - end.length());
    }
}

package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.crypto.KeyString;
import io.lyftdata.testing.FixtureKeys;
import io.lyftdata.testing.RawClient;
import io.lyftdata.testing.RawClient.Answer;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** Guessing from one address ends soon, spoils nothing for others, and never shuts out who knows the secret. */
class GuessingTest {
    private static final int GUESSES = Integer.getInteger("lyftdata.guesses", 300);
    private static final int LOGINS_PER_MINUTE = 10;
    private static final int KEYS_PER_MINUTE = 60;
    /** A store fills up again while a slow machine guesses. */
    private static final int SLACK_SECONDS = 30;

    private static final String JSON = "Content-Type: application/json";

    private final TestServer server = TestServer.shared();
    private final RawClient raw = RawClient.of(server);
    private final String token = server.token("viewer");

    private static String login(String password) {
        return "{\"username\":\"admin\",\"password\":\"" + password + "\"}";
    }

    private Answer read(String source, String authorization) throws IOException {
        return raw.call(source, "GET", "/api/workers", "", "Authorization: " + authorization);
    }

    /** Sends guesses on one connection; answers how many were judged instead of turned away. */
    private int guess(String source, String method, String path, IntFunction<String> headerOfTurn, String body)
            throws IOException {
        int judged = 0;
        try (Socket socket = raw.connect(source)) {
            for (int turn = 0; turn < GUESSES; turn++) {
                String request = method + " " + path + " HTTP/1.1\r\nHost: "
                        + server.url().getAuthority() + "\r\n"
                        + JSON + "\r\nContent-Length: " + body.length() + "\r\n" + headerOfTurn.apply(turn) + "\r\n\r\n"
                        + body;
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                String answer = next(socket.getInputStream());
                assertThat(answer).containsAnyOf("HTTP/1.1 401", "HTTP/1.1 429");
                assertThat(answer.contains("HTTP/1.1 429")).isEqualTo(answer.contains("\r\nRetry-After: "));
                judged += answer.contains("HTTP/1.1 401") ? 1 : 0;
            }
        }
        return judged;
    }

    private static String next(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("closed after " + head);
            }
            head.append((char) next);
        }
        int at = head.indexOf("Content-Length: ") + "Content-Length: ".length();
        in.readNBytes(Integer.parseInt(head.substring(at, head.indexOf("\r\n", at))));
        return head.toString();
    }

    @Test
    void endsTheGuessingOfPasswords() throws IOException {
        String guesser = "127.0.6.1";
        long start = System.nanoTime();
        int judged = guess(guesser, "POST", "/api/login", turn -> "X-Turn: " + turn, login("wrong"));
        assertThat(judged).isBetween(LOGINS_PER_MINUTE, LOGINS_PER_MINUTE + refilled(start, LOGINS_PER_MINUTE));
        String good = login(TestServer.ADMIN_PASSWORD);
        assertThat(raw.call("127.0.6.2", "POST", "/api/login", good, JSON).status())
                .as("the administrator elsewhere")
                .isEqualTo(200);
        assertThat(read(guesser, "Bearer " + token).status())
                .as("a credential that is not guessed")
                .isEqualTo(200);
    }

    private static int refilled(long start, int perMinute) {
        long seconds = (System.nanoTime() - start) / 1_000_000_000 + SLACK_SECONDS;
        return (int) (seconds * perMinute / 60);
    }

    @Test
    void turnsGuessersAwayBeforeTheirBodyComes() throws IOException {
        String guesser = "127.0.6.3";
        boolean refused = false;
        // A slow machine gives the guesser time for one more guess, whose body the server then waits for.
        for (int attempt = 0; attempt < 5 && !refused; attempt++) {
            guess(guesser, "POST", "/api/login", turn -> "X-Turn: " + turn, login("wrong"));
            try (Socket socket = raw.connect(guesser)) {
                String head = "POST /api/login HTTP/1.1\r\nHost: "
                        + server.url().getAuthority() + "\r\n" + JSON + "\r\nContent-Length: 1000\r\n\r\n";
                socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
                refused = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII)
                        .equals("HTTP/1.1 429");
            }
        }
        assertThat(refused).isTrue();
    }

    @Test
    void endsTheGuessingOfKeysAndSecretsHoweverTheyAreSpelt() throws IOException {
        String guesser = "127.0.6.4";
        long start = System.nanoTime();
        List<KeyString.Kind> kinds = List.of(KeyString.Kind.values());
        String[] schemes = {"Bearer", "bearer", "BEARER"};
        int judged = guess(
                guesser,
                "GET",
                "/api/workers",
                turn -> "Authorization: " + schemes[turn % 3] + " "
                        + KeyString.generate(kinds.get(turn % kinds.size())).reveal(),
                "");
        judged += guess(guesser, "GET", "/api/workers", turn -> "Authorization: Bearer " + spelt(turn), "");
        judged += guess(
                guesser, "POST", "/api/enroll", turn -> "Authorization: Enrollment " + "%040d".formatted(turn), "{}");
        assertThat(judged).isBetween(KEYS_PER_MINUTE, KEYS_PER_MINUTE + refilled(start, KEYS_PER_MINUTE));
        assertThat(read(guesser, "Bearer " + token).status()).as("a good one").isEqualTo(200);
        assertThat(raw.call(
                                guesser,
                                "POST",
                                "/api/enroll",
                                "{}",
                                "Authorization: Enrollment " + TestWorker.secret(server),
                                JSON)
                        .status())
                .as("the good secret")
                .isEqualTo(422);
        assertThat(read("127.0.6.5", "Bearer " + FixtureKeys.forged(token)).status())
                .as("others")
                .isEqualTo(401);
    }

    /** The good token, but not quite. */
    private String spelt(int turn) {
        return switch (turn % 4) {
            case 0 -> FixtureKeys.forged(token);
            case 1 -> token.toUpperCase(Locale.ROOT);
            case 2 -> token.replace("_", "%5F");
            default -> token.substring(0, token.length() - 1) + "%30";
        };
    }
}

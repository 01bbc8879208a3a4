package io.lyftdata.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What the figures stand on: the fleet speaks the protocol, and counts what it sees. */
class FleetTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void simulatedWorkersLiveAsWorkersDo() throws Exception {
        TestServer server = TestServer.shared();
        int port = server.url().getPort();
        Plan plan = new Plan(Site.of(port, server.staging().resolve("tls/ca.crt")), TestWorker.secret(server), 1, 2);
        try (Fleet fleet = new Fleet(plan, 10)) {
            assertThat(fleet.join(4, 60)).isTrue();
            long joined = System.nanoTime();
            plan.mode(Plan.Mode.LIVE);
            await().atMost(PATIENCE).until(() -> fleet.heardSince(joined) == 10);
            await().atMost(PATIENCE).until(() -> plan.tally().count(Call.METRICS) >= 10);
            await().atMost(PATIENCE).until(() -> plan.tally().count(Call.LOGS) >= 5);
        }
        assertThat(plan.tally().lines()).noneMatch(line -> line.contains("failed"));
        assertThat(plan.tally().count(Call.ENROLL)).isEqualTo(10);
    }

    @Test
    void refusalsAreCountedAndNotTakenForAnswers() throws Exception {
        TestServer server = TestServer.shared();
        int port = server.url().getPort();
        Plan plan = new Plan(Site.of(port, server.staging().resolve("tls/ca.crt")), "w".repeat(40), 0, 0);
        try (Fleet fleet = new Fleet(plan, 1)) {
            assertThat(fleet.join(1, 2)).isFalse();
        }
        assertThat(plan.tally().lines()).anyMatch(line -> line.contains("ENROLL 401 enrollment_refused"));
    }

    @Test
    void anAnswerInPiecesIsOneAnswer() throws Exception {
        String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nRetry-After: 7\r\n\r\n";
        String chunked = head + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        HttpAnswer answer = new HttpAnswer();
        byte[] bytes = chunked.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < bytes.length; i++) {
            assertThat(answer.take(ByteBuffer.wrap(bytes, i, 1))).isEqualTo(i == bytes.length - 1);
        }
        assertThat(answer.body()).asString().isEqualTo("abcde");
        assertThat(answer.header("retry-after")).isEqualTo("7");
    }
}

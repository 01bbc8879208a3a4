package io.lyftdata.syslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lyftdata.config.BadSetting;
import io.lyftdata.config.HostPort;
import io.lyftdata.testing.Collector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against real sockets: what is said to be delivered was read, and nothing takes longer than it may. */
class SyslogTargetTest {
    private static final Duration SHORT = Duration.ofSeconds(2);
    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    Path directory;

    private SyslogTarget target(Collector collector, Duration patience) {
        return SyslogTarget.of(collector.address(), Optional.of(directory.resolve("ca.crt")), patience);
    }

    private static List<byte[]> messages(int count) {
        byte[] frame = ("1000 " + "x".repeat(1000)).getBytes(StandardCharsets.US_ASCII);
        return Collections.nCopies(count, frame);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void whatIsDeliveredWasRead(String protocol) throws IOException {
        try (Collector collector = Collector.start(directory, protocol)) {
            SyslogTarget target = target(collector, LONG);
            target.send(messages(3));
            assertThat(collector.messages()).hasSize(3);
            target.send(messages(5_000));
            assertThat(collector.messages()).hasSize(5_003).containsOnly("x".repeat(1000));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SILENT", "DEAF"})
    void aCollectorThatHangsCostsItsTimeAndNoMore(Collector.Mood mood) throws IOException {
        try (Collector collector = Collector.start(directory)) {
            collector.setMood(mood);
            for (int count : new int[] {1, 20_000}) {
                long start = System.nanoTime();
                assertThatThrownBy(() -> target(collector, SHORT).send(messages(count)))
                        .isInstanceOf(NotDelivered.class)
                        .hasMessageContaining("has not read everything within 2 s");
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
            }
        }
    }

    @Test
    void aConnectionThatBreaksIsNoDelivery() throws IOException {
        try (Collector collector = Collector.start(directory)) {
            collector.setMood(Collector.Mood.ABRUPT);
            assertThatThrownBy(() -> target(collector, LONG).send(messages(1_000)))
                    .isInstanceOf(NotDelivered.class);
        }
    }

    @Test
    void aWriteThatTlsPassesOverIsRemembered() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                WatchedSocket socket = new WatchedSocket()) {
            socket.connect(server.getLocalSocketAddress());
            socket.getOutputStream().write(1);
            socket.requireWritten();
            Socket other = server.accept();
            other.setSoLinger(true, 0);
            other.close();
            await().atMost(LONG)
                    .untilAsserted(() -> assertThatThrownBy(
                                    () -> socket.getOutputStream().write(1))
                            .isInstanceOf(IOException.class));
            assertThatThrownBy(socket::requireWritten).isInstanceOf(IOException.class);
        }
    }

    @Test
    void onlyACollectorThatIsTrustedGetsAnything() throws IOException {
        try (Collector collector = Collector.start(directory)) {
            Path other = Files.createDirectory(directory.resolve("other"));
            Collector.start(other).close();
            for (SyslogTarget target : List.of(
                    SyslogTarget.of(collector.address(), Optional.of(other.resolve("ca.crt")), LONG),
                    SyslogTarget.of(collector.address(), Optional.empty(), LONG),
                    SyslogTarget.of(
                            new HostPort("127.0.0.2", collector.address().port()),
                            Optional.of(directory.resolve("ca.crt")),
                            LONG))) {
                assertThatThrownBy(() -> target.send(messages(1))).isInstanceOf(NotDelivered.class);
            }
            assertThat(collector.messages()).isEmpty();
        }
        assertThatThrownBy(() ->
                        SyslogTarget.of(HostPort.parse("localhost:1"), Optional.of(directory.resolve("none")), LONG))
                .isInstanceOf(BadSetting.class);
    }

    @Test
    void saysWhatIsWrongWithACollectorThatIsAway() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        SyslogTarget target = SyslogTarget.of(new HostPort("localhost", port), Optional.empty(), LONG);
        assertThatThrownBy(() -> target.send(messages(1)))
                .isInstanceOf(NotDelivered.class)
                .hasMessage("the collector at localhost:" + port
                        + " cannot be reached: see whether it runs, and what the firewalls say");
    }
}

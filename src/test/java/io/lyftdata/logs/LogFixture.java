package io.lyftdata.logs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lyftdata.host.Space;
import io.lyftdata.testing.MovableClock;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** A store on real files, and readers that parse what they get. */
final class LogFixture implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    final MovableClock clock = new MovableClock();
    /** Held by a test, it holds up whoever is about to write to the disk. */
    final ReentrantLock disk = new ReentrantLock();
    /** What meets whoever is about to write; null: nothing. */
    volatile Error trouble;

    final Path telemetry;
    /** What the disk says it is used, in percent. */
    double used = 50;

    final Space space = new Space(() -> used);
    LogStore store;

    LogFixture(Path telemetry) throws Exception {
        this.telemetry = telemetry;
        open("installation");
    }

    private void open(String installation) throws Exception {
        store = new LogStore(telemetry, installation, space, new ClockOfWriter());
        store.start();
    }

    void restart() throws Exception {
        restart("installation");
    }

    void restart(String installation) throws Exception {
        store.stop();
        open(installation);
    }

    /** Its milliseconds are what the writer asks for first. */
    private final class ClockOfWriter extends Clock {
        @Override
        public ZoneId getZone() {
            return clock.getZone();
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return clock.withZone(zone);
        }

        @Override
        public Instant instant() {
            return clock.instant();
        }

        @Override
        public long millis() {
            disk.lock();
            try {
                if (trouble != null) {
                    throw trouble;
                }
                return clock.millis();
            } finally {
                disk.unlock();
            }
        }
    }

    static String batch(long number) {
        return "%032x".formatted(number);
    }

    static String line(Instant time, String level, String message) {
        ObjectNode line = JSON.createObjectNode();
        return line.put("time", time.toString())
                .put("level", level)
                .put("source", "/var/log/a")
                .put("message", message)
                .toString();
    }

    void append(String worker, long batch, String... lines) throws IOException {
        appendBytes(worker, batch(batch), String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
    }

    void appendBytes(String worker, String batch, byte[] bytes) throws IOException {
        store.append(worker, batch, new ByteArrayInputStream(bytes));
    }

    /** One line a message, at the clock's time and level info. */
    void say(String worker, long batch, String... messages) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String message : messages) {
            lines.add(line(clock.instant(), "info", message));
        }
        append(worker, batch, lines.toArray(new String[0]));
    }

    /** @param parameters name, value, name, value … */
    List<JsonNode> read(Optional<String> worker, String... parameters) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        store.read(parameters(parameters), worker).write(out);
        List<JsonNode> lines = new ArrayList<>();
        for (String line : out.toString(StandardCharsets.UTF_8).lines().toList()) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    static MultivaluedMap<String, String> parameters(String... parameters) {
        MultivaluedMap<String, String> map = new MultivaluedHashMap<>();
        for (int i = 0; i < parameters.length; i += 2) {
            map.add(parameters[i], parameters[i + 1]);
        }
        return map;
    }

    List<String> messages(String... parameters) throws IOException {
        return messages(read(Optional.empty(), parameters));
    }

    static List<String> messages(List<JsonNode> lines) {
        return lines.stream().map(line -> line.get("message").textValue()).toList();
    }

    @Override
    public void close() throws SQLException {
        store.stop();
    }
}

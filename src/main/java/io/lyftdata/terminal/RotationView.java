package io.lyftdata.terminal;

import io.lyftdata.api.rotation.Rotation;
import io.lyftdata.api.rotation.Rotation.Left;
import io.lyftdata.api.rotation.Rotation.Progress;
import io.lyftdata.client.ApiClient;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** How far a rotation has come, until nobody is left but those who cannot be reached. */
public final class RotationView {
    private static final Set<String> UNREACHABLE = Set.of("offline", "isolated");
    private static final long POLL_NANOS = Duration.ofSeconds(2).toNanos();

    private final Terminal terminal;
    private final ApiClient api;

    public RotationView(Terminal terminal, ApiClient api) {
        this.terminal = terminal;
        this.api = api;
    }

    /** All that is due, by age or by order. */
    public Progress ofAll() {
        return api.get(Rotation.PATH, Map.of(), Progress.class);
    }

    /** Shows it as it comes on; the state in which nothing more comes by itself. */
    public Progress watch(Progress begun) {
        Progress now = begun;
        String last = "";
        while (true) {
            String line = line(now);
            if (!line.equals(last)) {
                terminal.progress(line);
                last = line;
            }
            if (UNREACHABLE.containsAll(now.left().keySet()) || Thread.interrupted()) {
                terminal.endProgress();
                return now;
            }
            LockSupport.parkNanos(POLL_NANOS);
            now = api.get(Rotation.PATH, Map.of("order", begun.order().number()), Progress.class);
        }
    }

    /** The end, for people: a line, and who is left. */
    public static String text(Progress progress) {
        return line(progress) + "\n" + (progress.items().isEmpty() ? "" : left().rows(progress.items()));
    }

    private static String line(Progress progress) {
        String left = progress.left().entrySet().stream()
                .map(some -> some.getValue() + " " + some.getKey())
                .collect(Collectors.joining(", "));
        return progress.confirmed() + " of " + progress.workers() + " confirmed"
                + (left.isEmpty() ? "" : "; left: " + left);
    }

    private static Table<Left> left() {
        return new Table<Left>()
                .column("worker", Left::workerId)
                .column("why", Left::why)
                .column("key", Left::keyId)
                .column("key made", Left::keyCreatedAt)
                .column("key expires", Left::keyExpiresAt)
                .column("last seen", Left::lastSeenAt);
    }
}

package io.lyftdata.simulator;

import io.lyftdata.api.Login;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.Endpoint;
import io.lyftdata.client.Trust;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.Randomness;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The server, as the jar runs it, in a process of its own, and what that uses by {@code /proc}. */
final class ServerUnderTest implements Closeable {
    private static final String PASSWORD = "correct horse battery staple 7";
    private static final long START_SECONDS = 60;
    private static final long STOP_SECONDS = 40;
    private static final double TICKS_A_SECOND = 100;

    private final Path staging;
    private final int port;
    private final String secret = Randomness.hex(256);
    private final String[] options;
    private Process process;

    /** What it has used since its start: CPU in seconds, memory now, what was sent to the disk, and what logs take there. */
    record Usage(double cpu, long residentMiB, long writtenMiB, long logBytes) {}

    /** @param options of its Java machine, separated by spaces */
    ServerUnderTest(Path directory, String options) throws IOException {
        this.staging = directory.resolve("staging");
        this.options = options.isBlank() ? new String[0] : options.trim().split(" +");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
    }

    /** Starts it, again if need be, on the same port; on return it serves. */
    void start() throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(Arrays.asList(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.lyftdata.Main", "server"));
        Map.of(
                        "bind-address",
                        "127.0.0.1:" + port,
                        "admin-bind-address",
                        "127.0.0.1:0",
                        "built-in-worker",
                        "false",
                        "staging-dir",
                        staging.toString())
                .forEach((flag, value) -> command.add("--" + flag + "=" + value));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(console().toFile()))
                .redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("LYFTDATA_"));
        builder.environment()
                .putAll(Map.of("LYFTDATA_ADMIN_INIT_PASSWORD", PASSWORD, "LYFTDATA_AUTO_ENROLLMENT_KEY", secret));
        process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        long begin = System.nanoTime();
        while (!isReady()) {
            if (!process.isAlive() || System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(START_SECONDS)) {
                throw new IOException("the server did not start: " + Files.readString(console()));
            }
        }
    }

    private Path console() {
        return staging.resolveSibling("console");
    }

    private boolean isReady() {
        try {
            TimeUnit.MILLISECONDS.sleep(50);
            return Files.exists(authority())
                    && client().send("GET", "/api/health", Map.of(), Map.of(), new byte[0])
                                    .status()
                            == 200;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (RuntimeException e) {
            return false;
        }
    }

    Path authority() {
        return staging.resolve("tls/ca.crt");
    }

    int port() {
        return port;
    }

    String secret() {
        return secret;
    }

    private ApiClient client() {
        URI url = URI.create("https://127.0.0.1:" + port);
        return new ApiClient(new Endpoint(url, Trust.ofCaFile(authority())));
    }

    /** A client with an administrator's session. */
    ApiClient admin() {
        Login.Answer answer = client().post("/api/login", new Login.Request("admin", PASSWORD), Login.Answer.class);
        return client().authorized("Bearer", new Secret(answer.token()));
    }

    Usage usage() throws IOException {
        Path proc = Path.of("/proc", Long.toString(process.pid()));
        String stat = Files.readString(proc.resolve("stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return new Usage(
                (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_A_SECOND,
                number(proc.resolve("status"), "VmRSS:") / 1024,
                number(proc.resolve("io"), "write_bytes:") / 1024 / 1024,
                logBytes());
    }

    private long logBytes() throws IOException {
        try (Stream<Path> files = Files.list(staging.resolve("telemetry/logs"))) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    private static long number(Path file, String name) throws IOException {
        Optional<String> line = Files.readAllLines(file).stream()
                .filter(text -> text.startsWith(name))
                .findFirst();
        return Long.parseLong(line.orElseThrow().replaceAll("[^0-9]", ""));
    }

    /** Ends it as a system does: by SIGTERM. */
    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the server did not stop");
        }
    }

    /** Ends it as a power failure does. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}

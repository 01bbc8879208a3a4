package io.lyftdata.testing;

import io.lyftdata.Main;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code lyftdata server} in a process of its own with the loosest umask, which ends by SIGKILL. What the Java machine
 * itself says on standard error is not the server's log, and lies beside it.
 */
final class ServerProcess implements Closeable {
    private static final Pattern READY =
            Pattern.compile("ready: API at (\\S+), admin connector at (\\S+), the authority's pin is ([^\\s\"]+)");
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(120);

    private final Process process;
    private final Matcher ready;

    private ServerProcess(Process process, Matcher ready) {
        this.process = process;
        this.ready = ready;
    }

    /** On return it serves. What it prints goes into {@code console}. */
    static ServerProcess start(
            Optional<Path> config, Map<String, String> flags, Map<String, String> environment, Path console)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "sh",
                "-c",
                "umask 000; exec \"$0\" \"$@\"",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "server"));
        config.ifPresent(file -> command.add(file.toString()));
        flags.forEach((flag, value) -> command.add("--" + flag + "=" + value));
        Path errors = console.resolveSibling(console.getFileName() + ".err");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(console.toFile()).redirectError(errors.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("LYFTDATA_"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return new ServerProcess(process, awaitReady(process, console, errors));
    }

    private static Matcher awaitReady(Process process, Path console, Path errors) throws IOException {
        long begin = System.nanoTime();
        try {
            do {
                Matcher ready = READY.matcher(Files.readString(console));
                if (ready.find()) {
                    return ready;
                }
            } while (!process.waitFor(20, TimeUnit.MILLISECONDS) && System.nanoTime() - begin < PATIENCE_NANOS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        throw new IllegalStateException(
                "the server did not become ready: " + Files.readString(console) + Files.readString(errors));
    }

    URI url() {
        return URI.create(ready.group(1));
    }

    URI adminUrl() {
        return URI.create(ready.group(2));
    }

    String pin() {
        return ready.group(3);
    }

    @Override
    public void close() {
        process.toHandle().destroyForcibly();
        process.onExit().join();
    }
}

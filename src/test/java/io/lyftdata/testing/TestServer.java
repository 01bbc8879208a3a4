package io.lyftdata.testing;

import io.lyftdata.api.Accounts.IssueToken;
import io.lyftdata.api.Accounts.IssuedToken;
import io.lyftdata.api.Login;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.Endpoint;
import io.lyftdata.client.Trust;
import io.lyftdata.config.Loaded;
import io.lyftdata.config.Secret;
import io.lyftdata.config.SettingsLoader;
import io.lyftdata.host.Host;
import io.lyftdata.server.RunningServer;
import io.lyftdata.server.ServerApplication;
import io.lyftdata.server.ServerConfig;
import io.lyftdata.server.ServerSettings;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** A whole server on free loopback ports with a staging directory of its own; one instance serves most tests. */
public final class TestServer implements AutoCloseable {
    public static final String ADMIN_PASSWORD = "correct horse battery staple 7";
    /** An allowlisted address; any other loopback address is not. */
    public static final String COLLECTOR = "127.0.0.2";

    private static final Map<String, String> DEFAULTS = Map.of(
            "bind-address", "127.0.0.1:0",
            "admin-bind-address", "127.0.0.1:0",
            "built-in-worker", "false",
            "whitelist", COLLECTOR);
    private static final Map<String, String> ENVIRONMENT = Map.of("LYFTDATA_ADMIN_INIT_PASSWORD", ADMIN_PASSWORD);

    private final Running running;
    private final Path staging;

    /** Where it is, and how it is ended. */
    private record Running(URI url, URI adminUrl, String pin, Closeable end) {}

    private TestServer(Running running, Path staging) {
        this.running = running;
        this.staging = staging;
    }

    /** The one that all tests share, which ends with the JVM. */
    public static TestServer shared() {
        return Shared.SERVER;
    }

    /** A server of the test's own. */
    public static TestServer start(Path staging, Map<String, String> flags) throws IOException {
        return start(staging, loader -> loader.loadPacked(all(staging, flags), ServerConfig.class));
    }

    /** A server of the test's own; the YAML is what its configuration says besides free ports. */
    public static TestServer startWith(Path staging, String yaml) throws IOException {
        Path config = staging.resolveSibling(staging.getFileName() + ".yml");
        StringBuilder text = new StringBuilder();
        DEFAULTS.forEach((key, value) -> text.append(key)
                .append(": ")
                .append(key.equals("whitelist") ? "[" + value + "]" : value)
                .append('\n'));
        Files.createDirectories(config.getParent());
        Files.writeString(config, text + yaml + "\n");
        // It may hold a database's password.
        Files.setPosixFilePermissions(config, PosixFilePermissions.fromString("rw-------"));
        return startOn(config, staging);
    }

    /** A server of the test's own, whose settings stand in the file; that must name free ports. */
    public static TestServer startOn(Path config, Path staging) throws IOException {
        Map<String, String> flags = Map.of("staging-dir", staging.toString());
        return start(staging, loader -> loader.load(config, flags, ServerConfig.class));
    }

    /** The same with flags and variables besides, at a time and on a host that the test plants. */
    public static TestServer startOn(
            Path config, Path staging, Map<String, String> flags, Map<String, String> variables, Clock clock, Host host)
            throws IOException {
        Map<String, String> all = new HashMap<>(flags);
        all.put("staging-dir", staging.toString());
        Map<String, String> environment = new HashMap<>(ENVIRONMENT);
        environment.putAll(variables);
        SettingsLoader loader = new SettingsLoader(ServerSettings.ALL, environment);
        RunningServer server =
                ServerApplication.start(() -> loader.load(config, all, ServerConfig.class), clock, environment, host);
        return new TestServer(new Running(server.url(), server.adminUrl(), server.pin(), server::close), staging);
    }

    private static TestServer start(Path staging, Function<SettingsLoader, Loaded<ServerConfig>> read)
            throws IOException {
        SettingsLoader loader = new SettingsLoader(ServerSettings.ALL, ENVIRONMENT);
        RunningServer server = ServerApplication.start(() -> read.apply(loader), Clock.systemUTC(), ENVIRONMENT);
        return new TestServer(new Running(server.url(), server.adminUrl(), server.pin(), server::close), staging);
    }

    /** A server in a process of its own, which prints into {@code console}; to close it is to kill it. */
    public static TestServer spawn(Path staging, Path console, Map<String, String> flags) throws IOException {
        return spawn(Optional.empty(), staging, console, flags);
    }

    /** The same with a configuration of the test's own. */
    public static TestServer spawn(Path config, Path staging, Path console, Map<String, String> flags)
            throws IOException {
        return spawn(Optional.of(config), staging, console, flags);
    }

    private static TestServer spawn(Optional<Path> config, Path staging, Path console, Map<String, String> flags)
            throws IOException {
        ServerProcess process = ServerProcess.start(config, all(staging, flags), ENVIRONMENT, console);
        return new TestServer(new Running(process.url(), process.adminUrl(), process.pin(), process), staging);
    }

    private static Map<String, String> all(Path staging, Map<String, String> flags) {
        Map<String, String> all = new HashMap<>(DEFAULTS);
        all.put("staging-dir", staging.toString());
        all.putAll(flags);
        return all;
    }

    public URI url() {
        return running.url();
    }

    public URI adminUrl() {
        return running.adminUrl();
    }

    public String pin() {
        return running.pin();
    }

    public Path staging() {
        return staging;
    }

    public String adminToken() throws IOException {
        return Files.readString(staging.resolve("admin.token"));
    }

    /** A client that trusts the server and has no credential. */
    public ApiClient client() {
        return new ApiClient(
                new Endpoint(url(), url().getScheme().equals("https") ? Trust.ofPins(pin()) : Trust.ofJvm()));
    }

    /** A client with an administrator's session. */
    public ApiClient admin() {
        Login.Answer answer =
                client().post("/api/login", new Login.Request("admin", ADMIN_PASSWORD), Login.Answer.class);
        return client().authorized("Bearer", new Secret(answer.token()));
    }

    /** A new API token with the role. */
    public String token(String role) {
        return admin().post("/api/tokens", new IssueToken("test", role, 3600, List.of()), IssuedToken.class)
                .token();
    }

    /** Whatever the server has written to its log. */
    public String log() throws IOException {
        return Files.readString(staging.resolve("logs/server.log"));
    }

    /** The directory and all that is below it; what a running server deletes meanwhile is passed over. */
    public static List<Path> files(Path directory) throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
                files.add(path);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
                files.add(path);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path path, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }
        });
        return files;
    }

    /** Copies the directory and all that is below it, with modes; what is deleted meanwhile is passed over. */
    public static void copy(Path from, Path to) {
        try {
            for (Path file : files(from)) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                    Files.setPosixFilePermissions(target, Files.getPosixFilePermissions(file));
                } else if (Files.exists(file)) {
                    Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        running.end().close();
    }

    private static final class Shared {
        private static final TestServer SERVER = start();

        private static TestServer start() {
            try {
                Path staging = Files.createTempDirectory("lyftdata-test");
                TestServer server = TestServer.start(staging.resolve("staging"), Map.of());
                Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server, staging)));
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void end(TestServer server, Path staging) {
            try (server;
                    Stream<Path> files = Files.walk(staging)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}

package io.lyftdata.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.type.TypeReference;
import io.lyftdata.agent.BusyWorker;
import io.lyftdata.api.Page;
import io.lyftdata.api.audit.Entry;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.Endpoint;
import io.lyftdata.client.Json;
import io.lyftdata.client.Trust;
import io.lyftdata.config.Secret;
import io.lyftdata.testing.AgeKeys;
import io.lyftdata.testing.TestServer;
import io.lyftdata.testing.TestWorker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The playbooks of {@code docs/operations.md}, command by command as they stand there, against a server process that is
 * killed while the checklist runs. The same command goes on afterwards, and nothing is done twice.
 */
final class PlaybookTest {
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");
    private static final Pattern PIN = Pattern.compile("the pin (sha256:[0-9a-f]{64})");
    private static final Pattern SECRET = Pattern.compile("shown this once: (\\S+)");
    private static final Duration LONG = Duration.ofMinutes(2);
    /** Each of these may happen once in an incident, by the run or by the start that follows the ledger. */
    private static final List<String> ONCE = List.of(
            "INCIDENT_OPENED",
            "WORKER_ISOLATED",
            "API_KEYS_REVOKED",
            "ROTATION_ORDERED",
            "ENROLLMENT_DISABLED",
            "TOKENS_REVOKED",
            "SESSIONS_ENDED",
            "PASSWORD_ENDED",
            "AUTHORITY_PREPARED",
            "AUTHORITY_ACTIVATED",
            "AUTHORITY_RETIRED",
            "INCIDENT_CLOSED");

    /** Who may open the evidence. */
    private static final AgeKeys AGE = AgeKeys.generate();

    @TempDir
    Path directory;

    private final List<BusyWorker> workers = new ArrayList<>();
    private CommandLineRun cli;
    private TestServer server;
    private String pins;
    private int port;
    private String secret;

    @BeforeEach
    void start() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        server = spawn();
        secret = TestWorker.secret(server);
        pins = server.pin();
        cli = new CommandLineRun(directory.resolve("home"));
        cli.clock.set(Instant.now());
        cli.environment.put("LYFTDATA_URL", server.url().toString());
        cli.environment.put("LYFTDATA_TLS_PIN", pins);
        cli.input = TestServer.ADMIN_PASSWORD + "\n";
        assertThat(cli.run("login", "admin")).as(cli.err).isZero();
    }

    @AfterEach
    void stop() throws Exception {
        for (BusyWorker worker : workers) {
            worker.close();
        }
        server.close();
    }

    private TestServer spawn() {
        try {
            Path config = Files.writeString(
                    directory.resolve("server.yml"), "backup: {recipients: [" + AGE.recipient() + "]}\n");
            return TestServer.spawn(
                    config,
                    directory.resolve("staging"),
                    directory.resolve("console"),
                    Map.of("bind-address", "127.0.0.1:" + port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** On return it is online. */
    private BusyWorker employ(String name) {
        BusyWorker worker = BusyWorker.start(
                new Endpoint(server.url(), Trust.ofPins(server.pin())),
                name,
                secret,
                directory.resolve("jobs-" + name));
        workers.add(worker);
        await().atMost(LONG).until(() -> show("workers", "show", name).contains("online"));
        return worker;
    }

    private String show(String... arguments) {
        CommandLineRun other = new CommandLineRun(directory.resolve("home"));
        other.environment.putAll(cli.environment);
        other.clock.set(Instant.now());
        other.run(arguments);
        return other.out;
    }

    /** The commands of a playbook, in their order. */
    private static List<String> commands(String playbook) throws IOException {
        String text = Files.readString(Path.of("docs/operations.md"));
        String section = text.substring(text.indexOf("### Playbook: " + playbook + "\n"));
        int end = Stream.of("\n## ", "\n### ")
                .map(next -> section.indexOf(next, 1))
                .filter(at -> at > 0)
                .min(Integer::compare)
                .orElse(section.length());
        return section.substring(0, end)
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("$ lyftdata "))
                .map(line -> line.substring("$ lyftdata ".length()))
                .toList();
    }

    /** Runs the playbook; the server is killed once the step has begun in its first run. */
    private String follow(String playbook, String step, Function<String, String> fill) throws Exception {
        List<String> commands = commands(playbook);
        assertThat(commands).as(playbook).anyMatch("incident run"::equals);
        StringBuilder all = new StringBuilder();
        boolean isKilled = false;
        for (String command : commands) {
            String[] words = WORD.matcher(fill.apply(command))
                    .results()
                    .map(word -> word.group(1) == null ? word.group(2) : word.group(1))
                    .toArray(String[]::new);
            if (!isKilled && command.equals("incident run")) {
                killIn(step, words);
                isKilled = true;
            }
            cli.clock.set(Instant.now());
            assertThat(cli.run(words)).as(command + "\n" + cli.out + cli.err).isEqualTo(0);
            all.append("    $ lyftdata ")
                    .append(command)
                    .append('\n')
                    .append(cli.out)
                    .append(cli.err);
            Matcher pin = PIN.matcher(cli.out + cli.err);
            if (pin.find()) {
                cli.environment.put("LYFTDATA_TLS_PIN", pin.group(1));
            }
        }
        Files.writeString(Path.of("target", "playbook-" + step + ".txt"), all);
        return all.toString();
    }

    private void killIn(String step, String... words) throws Exception {
        CompletableFuture<Integer> running = CompletableFuture.supplyAsync(() -> {
            CommandLineRun other = new CommandLineRun(directory.resolve("home"));
            other.environment.putAll(cli.environment);
            other.clock.set(Instant.now());
            return other.run(words);
        });
        await().atMost(LONG)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> timeline().stream().anyMatch(moment -> step.equals(moment.step)));
        server.close();
        assertThat(running.get(2, TimeUnit.MINUTES))
                .as("the command says that it was cut off")
                .isEqualTo(1);
        server = spawn();
    }

    /** A line of the incident's file. */
    private record Line(Instant at, String what, String step) {}

    private List<Line> timeline() throws IOException {
        List<Line> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory.resolve("staging/incident"))) {
            String text = Files.readString(files.filter(file -> file.toString().endsWith(".jsonl"))
                    .findFirst()
                    .orElseThrow());
            for (String line :
                    text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
                lines.add(Json.MAPPER.readValue(line, Line.class));
            }
        }
        return lines;
    }

    /** One timeline, in order, each step settled once; and the audit log knows of nothing done twice. */
    private void proveNothingWasDoneTwice(String killed) throws IOException {
        List<Line> timeline = timeline();
        assertThat(timeline).extracting(Line::at).isSorted();
        assertThat(timeline.stream().filter(line -> List.of("OPENED", "CLOSED").contains(line.what())))
                .hasSize(2);
        Map<String, Long> settled = timeline.stream()
                .filter(line -> List.of("DONE", "SKIPPED").contains(line.what()))
                .collect(Collectors.groupingBy(Line::step, Collectors.counting()));
        assertThat(settled.values()).containsOnly(1L);
        Map<String, Long> begun = timeline.stream()
                .filter(line -> line.what().equals("BEGUN"))
                .collect(Collectors.groupingBy(Line::step, Collectors.counting()));
        assertThat(begun.values()).allMatch(times -> times <= 2);
        assertThat(begun.values().stream().filter(times -> times == 2)).hasSizeLessThanOrEqualTo(1);
        assertThat(begun).containsKey(killed);
        ApiClient admin = new ApiClient(
                        new Endpoint(server.url(), Trust.ofPins(cli.environment.get("LYFTDATA_TLS_PIN"))))
                .authorized("Bearer", new Secret(session()));
        Map<String, Long> records =
                admin.get("/api/audit", Map.of("limit", 1000), new TypeReference<Page<Entry>>() {}).items().stream()
                        .collect(Collectors.groupingBy(Entry::action, Collectors.counting()));
        ONCE.forEach(action ->
                assertThat(records.getOrDefault(action, 0L)).as(action).isLessThanOrEqualTo(1));
    }

    private String session() throws IOException {
        return Json.MAPPER.readTree(cli.sessionFile.toFile()).get("token").asText();
    }

    @Test
    void aLeakedWorkerKey() throws Exception {
        BusyWorker worker = employ("web-1");
        String leaked = worker.keyId().orElseThrow();
        String out = follow("A leaked worker key", "worker-keys", line -> line.replace("KEY-ID", leaked));
        assertThat(out).contains("isolate      skipped").contains("closed");
        assertThat(worker.keyId()).isPresent().get().isNotEqualTo(leaked);
        assertThat(show("workers", "show", "web-1")).contains("online");
        proveNothingWasDoneTwice("worker-keys");
    }

    @Test
    void aLeakedEnrollmentSecret() throws Exception {
        BusyWorker honest = employ("web-1");
        String key = honest.keyId().orElseThrow();
        TestWorker intruder = TestWorker.enrollBy(server, secret, "intruder", Map.of());
        String out = follow("A leaked enrollment secret", "enrollment", line -> line);
        assertThatThrownBy(() -> intruder.at(server).beat()).hasMessageContaining("isolated");
        assertThatThrownBy(() -> TestWorker.enrollBy(server, secret, "web-3", Map.of()))
                .hasMessageContaining("secret");
        Matcher made = SECRET.matcher(out);
        assertThat(made.find()).isTrue();
        TestWorker.enrollBy(server, made.group(1), "web-2", Map.of()).beat();
        assertThat(honest.keyId()).isPresent().get().isNotEqualTo(key);
        proveNothingWasDoneTwice("enrollment");
    }

    @Test
    void aStolenServerKey() throws Exception {
        employ("web-1");
        String pin = server.pin();
        follow("A stolen server key", "certificate", line -> line);
        assertThat(cli.environment.get("LYFTDATA_TLS_PIN")).isNotEqualTo(pin);
        assertThatThrownBy(() -> server.admin()).isInstanceOf(RuntimeException.class);
        assertThat(show("workers", "show", "web-1")).contains("online");
        proveNothingWasDoneTwice("certificate");
    }

    @Test
    void aCompromisedWorkerHost() throws Exception {
        employ("web-1");
        BusyWorker other = employ("web-2");
        String key = other.keyId().orElseThrow();
        String out = follow("A compromised worker host", "isolate", line -> line);
        assertThat(out).contains("Bootstrap key");
        assertThat(other.keyId()).isPresent().get().isNotEqualTo(key);
        proveNothingWasDoneTwice("isolate");
    }

    @Test
    void aCompromisedAdministrator() throws Exception {
        employ("web-1");
        ApiClient thief = server.admin();
        cli.input = "another horse, another battery 8\n";
        follow("A compromised administrator", "sessions", line -> line);
        assertThatThrownBy(() -> thief.get("/api/users", Map.of(), String.class))
                .isInstanceOf(RuntimeException.class);
        assertThatThrownBy(server::admin).hasMessageContaining("wrong");
        proveNothingWasDoneTwice("sessions");
    }
}

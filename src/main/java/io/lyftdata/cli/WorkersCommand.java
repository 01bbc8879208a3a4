package io.lyftdata.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import io.lyftdata.api.Page;
import io.lyftdata.api.Times;
import io.lyftdata.api.Workers.Add;
import io.lyftdata.api.Workers.Isolate;
import io.lyftdata.api.Workers.Isolated;
import io.lyftdata.api.Workers.IssuedKey;
import io.lyftdata.api.Workers.View;
import io.lyftdata.client.ApiClient;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Output;
import io.lyftdata.terminal.Pages;
import io.lyftdata.terminal.Table;
import io.lyftdata.terminal.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "workers", description = "The fleet: who is in it, what it reports.")
final class WorkersCommand {
    private static final TypeReference<Page<View>> PAGE = new TypeReference<>() {};

    private final Terminal terminal;

    @Mixin
    private final Connection connection;

    WorkersCommand(Terminal terminal, Connection connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    static List<View> all(ApiClient api) {
        return Pages.all(api, "/api/workers", PAGE);
    }

    @Command(name = "list", description = "Lists the workers.")
    void list(
            @Mixin Output output,
            @Option(names = "--label", paramLabel = "KEY=VALUE", description = "only those with this label")
                    Map<String, String> labels,
            @Option(
                            names = "--state",
                            paramLabel = "STATE",
                            description = "only new, online, offline, isolated or removed ones")
                    String state) {
        List<View> workers = all(connection.authorized()).stream()
                .filter(worker -> state == null || state.equals(worker.state()))
                .filter(worker -> labels == null || worker.labels().entrySet().containsAll(labels.entrySet()))
                .toList();
        output.list(terminal.out(), workers, summary());
    }

    @Command(name = "show", description = "Shows all that is known of one worker.")
    void show(@Mixin Output output, @Parameters(paramLabel = "WORKER", description = "the worker's id") String id) {
        View worker = connection.authorized().get("/api/workers/" + ApiClient.segment(id), Map.of(), View.class);
        output.one(terminal.out(), worker, details());
    }

    @Command(
            name = "add",
            description = "Adds a worker by hand and prints its bootstrap key, once, and the line that starts it.")
    void add(
            @Mixin Output output,
            @Parameters(paramLabel = "NAME", description = "the worker's name; lower-cased it is the id") String name,
            @Option(names = "--label", paramLabel = "KEY=VALUE", description = "a label that counts (repeatable)")
                    Map<String, String> labels) {
        ApiClient api = connection.authorized();
        IssuedKey key = api.post("/api/workers", new Add(name, labels == null ? Map.of() : labels), IssuedKey.class);
        output.text(terminal.out(), key, output.isJson() ? "" : issued(api, key));
    }

    @Command(
            name = "isolate",
            description = "Shuts a worker out from now on: for a host that leaked. Revoke the key if only that did.")
    void isolate(
            @Mixin Output output,
            @Parameters(paramLabel = "WORKER", description = "the worker's id") String id,
            @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "why, for the audit log")
                    String reason) {
        change(output, id, "isolate", new Isolate(reason));
    }

    @Command(name = "release", description = "Lets an isolated worker in again: once its host is trusted.")
    void release(@Mixin Output output, @Parameters(paramLabel = "WORKER", description = "the worker's id") String id) {
        change(output, id, "release", null);
    }

    private void change(Output output, String id, String verb, Object wish) {
        String path = "/api/workers/" + ApiClient.segment(id) + "/" + verb;
        output.one(terminal.out(), connection.authorized().post(path, wish, View.class), details());
    }

    @Command(
            name = "metrics",
            description = "Prints the metrics of the fleet, or of one worker, as Prometheus reads them.")
    void metrics(@Parameters(paramLabel = "WORKER", arity = "0..1", description = "only of this worker") String id) {
        String path = "/api/workers" + (id == null ? "" : "/" + ApiClient.segment(id)) + "/metrics";
        try (InputStream body = connection.authorized().stream(path, Map.of())) {
            new InputStreamReader(body, StandardCharsets.UTF_8).transferTo(terminal.out());
            terminal.out().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A bootstrap key, shown this once, and what to do with it. */
    static String issued(ApiClient api, IssuedKey key) {
        return "Bootstrap key " + key.keyId() + " of worker " + key.workerId() + ", shown this once; to be used by "
                + Times.format(key.expiresAt()) + ":\n\n" + key.key()
                + "\n\nOn the worker's host, put it into a file that only the worker's account can read (here"
                + " worker.key, mode 0600), and start:\n\n" + StartLine.ofWorker(api, key.workerId()) + "\n";
    }

    private static Table<View> summary() {
        return new Table<View>()
                .column("id", View::id)
                .column("state", View::state)
                .column("last seen", View::lastSeenAt)
                .column("version", View::version)
                .column("address", View::address)
                .column("tls", View::tlsMode)
                .column("labels", View::labels);
    }

    private static String isolated(View worker) {
        Isolated isolated = worker.isolated();
        return isolated == null
                ? null
                : Times.format(isolated.at()) + " by " + isolated.by() + ": " + isolated.reason();
    }

    private static Table<View> details() {
        return summary()
                .column("isolated", WorkersCommand::isolated)
                .column("claimed", View::claimed)
                .column("created", View::createdAt)
                .column("admitted", View::admittedAt)
                .column("admitted by", View::admittedBy)
                .column("admitted from", View::admittedFrom)
                .column("uptime seconds", View::uptimeSeconds)
                .column("instance", View::instanceId)
                .column("clock skew ms", View::clockSkewMillis);
    }
}

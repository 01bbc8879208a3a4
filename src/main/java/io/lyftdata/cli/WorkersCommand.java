package io.lyftdata.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import io.lyftdata.api.Page;
import io.lyftdata.api.Times;
import io.lyftdata.api.Workers.Add;
import io.lyftdata.api.Workers.Isolate;
import io.lyftdata.api.Workers.Isolated;
import io.lyftdata.api.Workers.IssuedKey;
import io.lyftdata.api.Workers.View;
import io.lyftdata.api.fleet.Fleet;
import io.lyftdata.client.ApiClient;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.FleetOptions;
import io.lyftdata.terminal.Output;
import io.lyftdata.terminal.Pages;
import io.lyftdata.terminal.PublicId;
import io.lyftdata.terminal.StartLine;
import io.lyftdata.terminal.Table;
import io.lyftdata.terminal.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
                            names = "--admitted-by",
                            paramLabel = "SECRET-ID",
                            converter = PublicId.Converter.class,
                            description = "only those that joined by this enrollment secret or bootstrap key")
                    PublicId admittedBy,
            @Option(
                            names = "--state",
                            paramLabel = "STATE",
                            description = "only new, online, offline, isolated or removed ones")
                    String state) {
        List<View> workers = all(connection.authorized()).stream()
                .filter(worker -> state == null || state.equals(worker.state()))
                .filter(worker -> admittedBy == null || admittedBy.text().equals(worker.admittedBy()))
                .filter(worker -> labels == null || worker.labels().entrySet().containsAll(labels.entrySet()))
                .toList();
        output.list(terminal.out(), workers, summary().column("admitted by", View::admittedBy));
    }

    @Command(name = "show", description = "Shows all that is known of one worker.")
    void show(@Mixin Output output, @Parameters(paramLabel = "WORKER", description = "the worker's id") String id) {
        View worker = connection.authorized().get(path(id), Map.of(), View.class);
        output.one(terminal.out(), worker, details());
    }

    @Command(
            name = "add",
            description = "Adds a worker by hand and prints its bootstrap key, once, and the line that starts it.")
    void add(
            @Mixin Output output,
            @Parameters(paramLabel = "NAME", description = "the worker's name; lower-cased it is the id") String name,
            @Option(names = "--label", paramLabel = "KEY=VALUE", description = "a label that counts (repeatable)")
                    Map<String, String> labels,
            @Option(
                            names = "--identity",
                            paramLabel = "KEY",
                            description =
                                    "public identity key of a worker that a restore forgot: it comes in by itself")
                    String identity) {
        ApiClient api = connection.authorized();
        Add wish = new Add(name, labels == null ? Map.of() : labels, identity);
        IssuedKey key = api.post("/api/workers", wish, IssuedKey.class);
        String text = identity == null ? issued(api, key) : key.workerId() + " comes in by itself, by its identity\n";
        output.text(terminal.out(), key, output.isJson() ? "" : text);
    }

    @Command(
            name = "isolate",
            description =
                    "Shuts workers out from now on. Isolate means that the host or its jobs directory leaked; when"
                            + " only a key did, revoke it: lyftdata api-keys revoke.")
    void isolate(
            @Mixin Output output,
            @Mixin FleetOptions fleet,
            @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "why, for the audit log")
                    String reason,
            @Option(
                            names = "--expires",
                            paramLabel = "TIME",
                            description = "after which it ends by itself, as in 2h (default: never)")
                    Duration expires) {
        ApiClient api = connection.authorized();
        Long seconds = expires == null ? null : Long.valueOf(expires.toSeconds());
        Optional<String> worker = fleet.worker();
        if (worker.isPresent()) {
            View view = api.post(path(worker.get()) + "/isolate", new Isolate(reason, seconds), View.class);
            output.one(terminal.out(), view, details());
            Optional.ofNullable(view.liveSecret()).map(FleetOptions::live).ifPresent(terminal::warn);
        } else {
            fleet.run(terminal, output, "isolate", preview -> {
                Fleet.Isolate wish = new Fleet.Isolate(fleet.scope(), reason, seconds, preview);
                return api.post(Fleet.ISOLATE, wish, Fleet.Answer.class);
            });
        }
    }

    @Command(
            name = "release",
            description =
                    "Lets isolated workers in again, once their hosts are trusted. A host that was stolen comes back"
                            + " by lyftdata workers reset.")
    void release(@Mixin Output output, @Mixin FleetOptions fleet) {
        ApiClient api = connection.authorized();
        Optional<String> worker = fleet.worker();
        if (worker.isPresent()) {
            output.one(terminal.out(), api.post(path(worker.get()) + "/release", null, View.class), details());
        } else {
            fleet.run(
                    terminal,
                    output,
                    "release",
                    preview -> api.post(Fleet.RELEASE, new Fleet.Release(fleet.scope(), preview), Fleet.Answer.class));
        }
    }

    private static String path(String id) {
        return "/api/workers/" + ApiClient.segment(id);
    }

    @Command(
            name = "remove",
            description = "Removes a worker for good: its keys and identity never count again. Adding its name again"
                    + " makes another worker of it.")
    void remove(@Parameters(paramLabel = "WORKER", description = "the worker's id") String id) {
        connection.authorized().delete(path(id));
        terminal.out().println("worker " + id + " is removed; lyftdata workers add " + id + " would add it anew");
    }

    @Command(
            name = "reset",
            description = "Ends a worker's identity and keys and prints a bootstrap key, once: for a host that was"
                    + " stolen and is back, or has lost its jobs directory.")
    void reset(@Mixin Output output, @Parameters(paramLabel = "WORKER", description = "the worker's id") String id) {
        ApiClient api = connection.authorized();
        IssuedKey key = api.post(path(id) + "/reset", null, IssuedKey.class);
        output.text(
                terminal.out(),
                key,
                output.isJson() ? "" : "Empty the jobs directory on the worker's host first.\n\n" + issued(api, key));
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
                : Times.format(isolated.at()) + " by " + isolated.by() + ": " + isolated.reason()
                        + (isolated.until() == null ? "" : " (until " + Times.format(isolated.until()) + ")");
    }

    private static Table<View> details() {
        return summary()
                .column("isolated", WorkersCommand::isolated)
                .column("last request", View::lastRequestAt)
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

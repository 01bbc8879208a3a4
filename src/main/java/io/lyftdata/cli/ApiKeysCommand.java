package io.lyftdata.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import io.lyftdata.api.Page;
import io.lyftdata.api.Workers.IssuedKey;
import io.lyftdata.api.Workers.KeyView;
import io.lyftdata.api.Workers.Revoke;
import io.lyftdata.api.Workers.Revoked;
import io.lyftdata.api.Workers.View;
import io.lyftdata.api.rotation.Rotation;
import io.lyftdata.api.rotation.Rotation.Progress;
import io.lyftdata.client.ApiClient;
import io.lyftdata.config.BadSetting;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Output;
import io.lyftdata.terminal.Pages;
import io.lyftdata.terminal.PublicId;
import io.lyftdata.terminal.RotationView;
import io.lyftdata.terminal.Table;
import io.lyftdata.terminal.Terminal;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "api-keys", description = "The workers' keys.")
final class ApiKeysCommand {
    private static final TypeReference<Page<KeyView>> PAGE = new TypeReference<>() {};

    private final Terminal terminal;

    @Mixin
    private final Connection connection;

    ApiKeysCommand(Terminal terminal) {
        this.terminal = terminal;
        this.connection = new Connection(terminal);
    }

    @Command(
            name = "issue",
            description =
                    "Makes a bootstrap key for a worker and prints it, once, with the line that starts the worker.")
    void issue(
            @Mixin Output output, @Parameters(paramLabel = "WORKER", description = "the worker's id") String worker) {
        ApiClient api = connection.authorized();
        IssuedKey key = api.post(path(worker), null, IssuedKey.class);
        output.text(terminal.out(), key, output.isJson() ? "" : WorkersCommand.issued(api, key));
    }

    @Command(name = "list", description = "Lists the keys of one worker or of all; never the keys themselves.")
    void list(
            @Mixin Output output,
            @Parameters(paramLabel = "WORKER", arity = "0..1", description = "only of this worker") String worker) {
        ApiClient api = connection.authorized();
        Stream<String> workers =
                worker == null ? WorkersCommand.all(api).stream().map(View::id) : Stream.of(worker);
        List<KeyView> keys =
                workers.flatMap(id -> Pages.all(api, path(id), PAGE).stream()).toList();
        output.list(terminal.out(), keys, table());
    }

    @Command(
            name = "rotate",
            description = "Has workers renew their keys, and shows how far that has come. Without --worker, --label and"
                    + " --all it changes nothing and shows whose keys are due.")
    void rotate(
            @Mixin Output output,
            @Option(names = "--worker", paramLabel = "WORKER", description = "the key of this worker") String worker,
            @Option(names = "--label", paramLabel = "KEY=VALUE", description = "the keys of those with this label")
                    Map<String, String> labels,
            @Option(names = "--all", description = "every worker's key") boolean all,
            @Option(
                            names = "--deadline",
                            paramLabel = "TIME",
                            description = "from then on keys that were not renewed are refused, such as 10m")
                    String deadline,
            @Option(
                            names = "--overlap",
                            paramLabel = "TIME",
                            description = "how long the former key counts once the new one was used; 0 in an incident")
                    String overlap,
            @Option(names = "--no-wait", description = "return at once") boolean noWait) {
        ApiClient api = connection.authorized();
        RotationView view = new RotationView(terminal, api);
        Progress progress;
        if (worker == null && labels == null && !all && deadline == null && overlap == null) {
            progress = view.ofAll();
        } else {
            Rotation.Wish wish = new Rotation.Wish(worker, labels, all ? true : null, deadline, overlap);
            Progress begun = api.post(Rotation.PATH, wish, Progress.class);
            progress = noWait ? begun : view.watch(begun);
        }
        output.text(terminal.out(), progress, output.isJson() ? "" : RotationView.text(progress));
    }

    @Command(
            name = "revoke",
            description =
                    "Refuses a key, or every key, from now on: for keys that leaked. Isolate the worker if its host"
                            + " did.")
    void revoke(
            @Mixin Output output,
            @Parameters(
                            paramLabel = "KEY-ID",
                            arity = "0..1",
                            converter = PublicId.Converter.class,
                            description = "the key's public id")
                    PublicId id,
            @Option(names = "--all", description = "every key of every worker; needs --now") boolean all,
            @Option(
                            names = "--now",
                            description = "with --all: workers that have joined come back by themselves, bootstrap keys"
                                    + " do not")
                    boolean now,
            @Option(
                            names = "--compromised",
                            description = "with KEY-ID: the records say that the key leaked, also of a key that has"
                                    + " ended")
                    boolean compromised) {
        requireKeyOrAll(id, all, now, compromised);
        ApiClient api = connection.authorized();
        if (all) {
            Revoked revoked = api.post("/api/keys/revoke", new Revoke(true), Revoked.class);
            String sentence = revoked.keys() + " keys are revoked; workers that have joined register new ones by their"
                    + " identity: lyftdata api-keys rotate shows who is left\n";
            output.text(terminal.out(), revoked, sentence);
            return;
        }
        Map<String, String> reason = compromised ? Map.of("reason", "compromised") : Map.of();
        KeyView key = api.delete("/api/keys/" + id, reason, KeyView.class);
        output.text(terminal.out(), key, revoked(key, compromised));
    }

    private static void requireKeyOrAll(PublicId id, boolean all, boolean now, boolean compromised) {
        if (all && compromised) {
            throw new BadSetting("--compromised goes with a KEY-ID: mark the keys that leaked one by one");
        }
        if (all != now || all != (id == null)) {
            throw new BadSetting("give a KEY-ID, or --all --now to refuse every worker's key from now on");
        }
    }

    private static String revoked(KeyView key, boolean compromised) {
        return Table.printable("key " + key.id() + " of worker " + key.workerId() + " is revoked"
                        + (compromised
                                ? " as compromised: revoke is for a leaked key; if the host or its jobs directory was"
                                        + " stolen, run lyftdata workers isolate " + key.workerId() + " --reason TEXT"
                                : ""))
                + "\n";
    }

    private static String path(String worker) {
        return "/api/workers/" + ApiClient.segment(worker) + "/keys";
    }

    private static Table<KeyView> table() {
        return new Table<KeyView>()
                .column("id", KeyView::id)
                .column("worker", KeyView::workerId)
                .column("kind", KeyView::kind)
                .column("state", KeyView::state)
                .column("created", KeyView::createdAt)
                .column("first used", KeyView::firstUsedAt)
                .column("expires", KeyView::expiresAt)
                .column("revoked", KeyView::revokedAt);
    }
}

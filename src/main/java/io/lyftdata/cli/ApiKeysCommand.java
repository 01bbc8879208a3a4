package io.lyftdata.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import io.lyftdata.api.Page;
import io.lyftdata.api.Workers.IssuedKey;
import io.lyftdata.api.Workers.KeyView;
import io.lyftdata.api.Workers.View;
import io.lyftdata.client.ApiClient;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Output;
import io.lyftdata.terminal.Pages;
import io.lyftdata.terminal.PublicId;
import io.lyftdata.terminal.Table;
import io.lyftdata.terminal.Terminal;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
            name = "revoke",
            description = "Refuses a key from now on: for a key that leaked. Isolate the worker if its host did.")
    void revoke(
            @Parameters(
                            paramLabel = "KEY-ID",
                            converter = PublicId.Converter.class,
                            description = "the key's public id")
                    PublicId id) {
        connection.authorized().delete("/api/keys/" + id);
        terminal.out().println("key " + id + " is revoked");
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

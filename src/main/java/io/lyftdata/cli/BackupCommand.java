package io.lyftdata.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import io.lyftdata.api.Page;
import io.lyftdata.api.backup.Backups;
import io.lyftdata.api.backup.Backups.Pruned;
import io.lyftdata.api.backup.Backups.Run;
import io.lyftdata.api.backup.Backups.View;
import io.lyftdata.client.ApiClient;
import io.lyftdata.terminal.CommandFailure;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Output;
import io.lyftdata.terminal.Table;
import io.lyftdata.terminal.Terminal;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "backup", description = "Backups: make, list, verify, restore and prune them.")
final class BackupCommand {
    private static final TypeReference<Page<View>> PAGE = new TypeReference<>() {};
    private static final long POLL_MILLIS = 500;

    private final Terminal terminal;
    private final Connection connection;

    private BackupCommand(Terminal terminal, Connection connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    static CommandLine group(Terminal terminal) {
        Connection connection = new Connection(terminal);
        CommandLine group = new CommandLine(new BackupCommand(terminal, connection));
        group.addMixin("connection", connection);
        return group;
    }

    @Command(
            name = "create",
            description = {
                "Makes a backup at the server while it runs, sealed for the recipients in its configuration,",
                "and copies it to the directories named there."
            })
    void create(@Mixin Output output) throws InterruptedException {
        ApiClient api = connection.authorized();
        Run run = api.post(Backups.PATH, null, Run.class);
        while (run.state().equals("running")) {
            terminal.progress(run.step() + ": " + run.done() * 100 / Math.max(1, run.total()) + " %");
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            run = api.get(Backups.RUN_PATH, Map.of(), Run.class);
        }
        terminal.endProgress();
        if (run.backup() != null) {
            output.one(terminal.out(), run.backup(), table());
        }
        if (run.failure() != null) {
            throw new CommandFailure(run.failure());
        }
    }

    @Command(name = "list", description = "Lists the server's backups, newest first, and when each was last proven.")
    void list(@Mixin Output output) {
        Page<View> all = connection.authorized().get(Backups.PATH, Map.of(), PAGE);
        output.list(terminal.out(), all.items(), table());
    }

    @Command(
            name = "prune",
            description = {
                "Deletes the backups that the retention does not keep, in the server's directory and in the copies;",
                "the newest and the last proven one stay."
            })
    void prune(@Mixin Output output) {
        Pruned pruned = connection.authorized().post(Backups.PRUNE_PATH, null, Pruned.class);
        String names = String.join("\n", pruned.removed());
        output.text(terminal.out(), pruned, names.isEmpty() ? "nothing to prune\n" : names + "\n");
    }

    private static Table<View> table() {
        return new Table<View>()
                .column("name", View::name)
                .column("size", View::size)
                .column("created", View::createdAt)
                .column("workers", view -> count(view, "workers"))
                .column("users", view -> count(view, "users"))
                .column("audit position", View::auditPosition)
                .column("proven", View::provenAt)
                .column("copies", View::copies);
    }

    private static Long count(View view, String noun) {
        return view.counts() == null ? null : view.counts().get(noun);
    }
}

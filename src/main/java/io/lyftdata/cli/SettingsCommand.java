package io.lyftdata.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import io.lyftdata.api.Page;
import io.lyftdata.api.Settings;
import io.lyftdata.api.Settings.Change;
import io.lyftdata.api.Settings.Entry;
import io.lyftdata.api.Settings.Revision;
import io.lyftdata.api.Settings.Value;
import io.lyftdata.client.ApiClient;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Output;
import io.lyftdata.terminal.Pages;
import io.lyftdata.terminal.Table;
import io.lyftdata.terminal.Terminal;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "settings", description = "What the server's settings are and were; secrets as fingerprints.")
final class SettingsCommand {
    private static final String PATH = "/api/settings";
    private static final TypeReference<Page<Revision>> PAGE = new TypeReference<>() {};

    private final Terminal terminal;

    @Mixin
    private final Connection connection;

    SettingsCommand(Terminal terminal) {
        this.terminal = terminal;
        this.connection = new Connection(terminal);
    }

    @Command(name = "show", description = "Shows each setting in force and where it came from, or what differs.")
    void show(
            @Mixin Output output,
            @Option(
                            names = "--diff",
                            arity = "2",
                            paramLabel = "REVISION",
                            description = "shows what differs between these two of the history")
                    List<Long> diff) {
        ApiClient api = connection.authorized();
        if (diff == null) {
            Revision now = api.get(PATH, Map.of(), Revision.class);
            output.text(terminal.out(), now, entries().rows(now.settings()));
        } else {
            List<Change> changes = Settings.changes(
                    revision(api, diff.get(0)).settings(),
                    revision(api, diff.get(1)).settings());
            output.list(terminal.out(), changes, changes());
        }
    }

    private static Revision revision(ApiClient api, long number) {
        return api.get(PATH + "/history/" + number, Map.of(), Revision.class);
    }

    @Command(name = "history", description = "Shows who changed which setting when, and from which file; newest first.")
    void history(@Mixin Output output) {
        List<Revision> all = Pages.all(connection.authorized(), PATH + "/history", PAGE);
        output.text(
                terminal.out(),
                new Page<>(all, null),
                lines().rows(all.stream().flatMap(SettingsCommand::lines).toList()));
    }

    /** A line of the history; of the first revision, which changed nothing, there is one in all. */
    private record Line(Revision revision, Change change) {}

    private static Stream<Line> lines(Revision revision) {
        return revision.number() == 1
                ? Stream.of(new Line(revision, new Change("(the first settings)", null, null)))
                : revision.changes().stream().map(change -> new Line(revision, change));
    }

    private static Table<Line> lines() {
        return new Table<Line>()
                .column("number", line -> line.revision().number())
                .column("time", line -> line.revision().time())
                .column("actor", line -> line.revision().actor())
                .column("file", line -> line.revision().file())
                .column("key", line -> line.change().key())
                .column("before", line -> shown(line.change().before()))
                .column("after", line -> shown(line.change().after()));
    }

    private static Table<Change> changes() {
        return new Table<Change>()
                .column("key", Change::key)
                .column("before", change -> shown(change.before()))
                .column("after", change -> shown(change.after()));
    }

    private static Table<Entry> entries() {
        return new Table<Entry>()
                .column("key", Entry::key)
                .column("value", Entry::value)
                .column("origin", Entry::origin);
    }

    private static String shown(Value value) {
        return value == null ? null : (value.value() == null ? "-" : value.value()) + " (" + value.origin() + ")";
    }
}

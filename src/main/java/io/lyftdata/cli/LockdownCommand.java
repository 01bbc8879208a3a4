package io.lyftdata.cli;

import io.lyftdata.api.lockdown.Lockdown;
import io.lyftdata.api.lockdown.Lockdown.View;
import io.lyftdata.api.lockdown.Lockdown.Wish;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Output;
import io.lyftdata.terminal.Table;
import io.lyftdata.terminal.Terminal;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "lockdown",
        description =
                "Lets in only administrators, from the server's host and named addresses; workers keep their keys.")
final class LockdownCommand {
    private final Terminal terminal;
    private final Connection connection;

    LockdownCommand(Terminal terminal, Connection connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Command(name = "on", description = "Locks the server down, or names other addresses while it is.")
    void on(
            @Mixin Output output,
            @Option(
                            names = "--from",
                            paramLabel = "ADDRESS",
                            description = "an address from which administrators get in (repeatable; default: the"
                                    + " server's host only)")
                    List<String> from) {
        set(output, new Wish(true, from));
    }

    @Command(name = "off", description = "Lets everybody in again who has a good credential.")
    void off(@Mixin Output output) {
        set(output, new Wish(false, null));
    }

    @Command(name = "status", description = "Says whether the server is locked down, since when, and for whom not.")
    void status(@Mixin Output output) {
        print(output, connection.authorized().get(Lockdown.PATH, Map.of(), View.class));
    }

    private void set(Output output, Wish wish) {
        print(output, connection.authorized().post(Lockdown.PATH, wish, View.class));
    }

    private void print(Output output, View view) {
        output.one(
                terminal.out(),
                view,
                new Table<View>()
                        .column("locked down", View::on)
                        .column("since", View::since)
                        .column("by", View::by)
                        .column("also from", View::from));
    }
}

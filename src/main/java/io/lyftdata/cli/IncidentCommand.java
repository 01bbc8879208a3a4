package io.lyftdata.cli;

import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Command;

@Command(name = "incident", description = "When something has happened: what to do, and who gets in meanwhile.")
final class IncidentCommand {
    private IncidentCommand() {}

    static CommandLine group(Terminal terminal) {
        Connection connection = new Connection(terminal);
        CommandLine group = new CommandLine(new IncidentCommand());
        group.addMixin("connection", connection);
        return group.addSubcommand(new LockdownCommand(terminal, connection));
    }
}

package io.lyftdata.cli;

import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Command;

@Command(name = "audit", description = "The audit log: who changed what, from where, and what was refused.")
final class AuditCommand {
    private AuditCommand() {}

    static CommandLine group(Terminal terminal) {
        Connection connection = new Connection(terminal);
        CommandLine group = new CommandLine(new AuditCommand());
        group.addMixin("connection", connection);
        return group.addSubcommand(new AuditListCommand(terminal, connection))
                .addSubcommand(new AuditVerifyCommand(terminal, connection))
                .addSubcommand(new AuditExportCommand(terminal, connection))
                .addSubcommand(new AuditPruneCommand(terminal, connection))
                .addSubcommand(new AuditAcknowledgeCommand(terminal, connection));
    }
}

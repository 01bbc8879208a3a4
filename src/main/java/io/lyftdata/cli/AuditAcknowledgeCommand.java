package io.lyftdata.cli;

import io.lyftdata.api.audit.Acknowledgement;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Closes the alarm of a log that was rolled back. */
@Command(
        name = "acknowledge",
        description =
                "Closes the alarm that the audit log was rolled back or cut, once its cause is known; the log goes"
                        + " on in a new segment.")
final class AuditAcknowledgeCommand implements Runnable {
    private final Terminal terminal;
    private final Connection connection;

    @Option(
            names = "--reason",
            required = true,
            paramLabel = "TEXT",
            description = "what happened, for the audit log: up to 500 characters")
    private String reason;

    /** @param connection whose options stand at the group above */
    AuditAcknowledgeCommand(Terminal terminal, Connection connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public void run() {
        connection.authorized().post(Acknowledgement.PATH, new Acknowledgement(reason), Void.class);
        terminal.out().println("acknowledged: the audit log goes on in a new segment");
    }
}

package io.lyftdata.cli;

import io.lyftdata.client.ApiFailure;
import io.lyftdata.terminal.CommandFailure;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Session;
import io.lyftdata.terminal.SessionFile;
import io.lyftdata.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "logout", description = "Ends the session, here and at the server.")
final class LogoutCommand implements Runnable {
    private static final int UNAUTHORIZED = 401;

    private final Terminal terminal;

    @Mixin
    private final Connection connection;

    LogoutCommand(Terminal terminal) {
        this.terminal = terminal;
        this.connection = new Connection(terminal);
    }

    @Override
    public void run() {
        SessionFile file = SessionFile.of(terminal.variables());
        file.read()
                .ifPresentOrElse(
                        session -> end(session, file), () -> terminal.out().println("not logged in: nothing to end"));
    }

    private void end(Session session, SessionFile file) {
        try {
            connection.of(session).post("/api/logout", null, Void.class);
        } catch (ApiFailure e) {
            if (e.status() != UNAUTHORIZED) {
                throw new CommandFailure("the session is gone from this host, but lives on at the server until it"
                        + " expires: " + e.getMessage());
            }
        } finally {
            file.delete();
        }
        terminal.out().println("logged out from " + session.url());
    }
}

package io.lyftdata.cli;

import io.lyftdata.api.Login;
import io.lyftdata.api.Times;
import io.lyftdata.client.ApiClient;
import io.lyftdata.config.Secret;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Session;
import io.lyftdata.terminal.SessionFile;
import io.lyftdata.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "login",
        description = {
            "Starts a session; the password comes from the terminal or from standard input.",
            "URL, pin and session are kept in $$XDG_STATE_HOME/lyftdata/session."
        })
final class LoginCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private final Connection connection;

    @Parameters(paramLabel = "USER", description = "the account's name")
    private String user;

    LoginCommand(Terminal terminal) {
        this.terminal = terminal;
        this.connection = new Connection(terminal);
    }

    @Override
    public void run() {
        ApiClient api = connection.anonymous();
        Secret password = terminal.password(
                "password of " + user + " at " + api.endpoint().url() + ": ");
        Login.Answer answer = api.post("/api/login", new Login.Request(user, password.reveal()), Login.Answer.class);
        SessionFile.of(terminal.variables())
                .write(Session.of(api.endpoint(), user, answer.token(), answer.expiresAt()));
        terminal.out()
                .println("logged in to " + api.endpoint().url() + " as " + user + " until "
                        + Times.format(answer.expiresAt()) + " at the latest");
    }
}

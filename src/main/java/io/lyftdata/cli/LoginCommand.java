package io.lyftdata.cli;

import io.lyftdata.api.Login;
import io.lyftdata.api.Times;
import io.lyftdata.client.ApiClient;
import io.lyftdata.client.ApiFailure;
import io.lyftdata.config.Secret;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Session;
import io.lyftdata.terminal.SessionFile;
import io.lyftdata.terminal.Terminal;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "login",
        description = {
            "Starts a session, and ends the one before it at this server; the password comes from the terminal or from",
            "standard input.",
            "URL, pin and session are kept in $$XDG_STATE_HOME/lyftdata/session."
        })
final class LoginCommand implements Runnable {
    private static final int UNAUTHORIZED = 401;

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
        SessionFile file = SessionFile.of(terminal.variables());
        Optional<Session> former = file.read();
        file.write(Session.of(api.endpoint(), user, answer.token(), answer.expiresAt()));
        former.filter(session -> session.url().equals(api.endpoint().url().toString()))
                .ifPresent(session -> end(api, session));
        terminal.out()
                .println("logged in to " + api.endpoint().url() + " as " + user + " until "
                        + Times.format(answer.expiresAt()) + " at the latest");
    }

    /** Nobody needs it any more; one that has ended already is no fault. */
    private void end(ApiClient api, Session former) {
        try {
            api.authorized("Bearer", new Secret(former.token())).post("/api/logout", null, Void.class);
        } catch (ApiFailure e) {
            if (e.status() != UNAUTHORIZED) {
                terminal.warn("the session before this one lives on at the server until it expires: " + e.getMessage());
            }
        }
    }
}

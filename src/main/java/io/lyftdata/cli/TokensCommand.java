package io.lyftdata.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import io.lyftdata.api.Accounts.IssueToken;
import io.lyftdata.api.Accounts.IssuedToken;
import io.lyftdata.api.Accounts.Token;
import io.lyftdata.api.Page;
import io.lyftdata.api.Times;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Output;
import io.lyftdata.terminal.Pages;
import io.lyftdata.terminal.PublicId;
import io.lyftdata.terminal.Table;
import io.lyftdata.terminal.Terminal;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "tokens", description = "API tokens for scripts and scrapers.")
final class TokensCommand {
    private static final String PATH = "/api/tokens";
    private static final TypeReference<Page<Token>> PAGE = new TypeReference<>() {};

    private final Terminal terminal;

    @Mixin
    private final Connection connection;

    TokensCommand(Terminal terminal) {
        this.terminal = terminal;
        this.connection = new Connection(terminal);
    }

    @Command(name = "issue", description = "Makes a token and prints it, once.")
    void issue(
            @Mixin Output output,
            @Option(names = "--name", required = true, paramLabel = "NAME", description = "what the token is for")
                    String name,
            @Option(
                            names = "--role",
                            required = true,
                            paramLabel = "ROLE",
                            description = "viewer, operator or admin; not above your own")
                    String role,
            @Option(
                            names = "--expires",
                            paramLabel = "TIME",
                            defaultValue = "30d",
                            description = "how long it lives, as in 12h or 90d (default: ${DEFAULT-VALUE})")
                    Duration expires,
            @Option(
                            names = "--source",
                            paramLabel = "ADDRESS",
                            split = ",",
                            description = "address or network it may be used from (repeatable; default: anywhere)")
                    List<String> sources) {
        IssueToken wish = new IssueToken(name, role, expires.toSeconds(), sources == null ? List.of() : sources);
        IssuedToken token = connection.authorized().post(PATH, wish, IssuedToken.class);
        output.text(
                terminal.out(),
                token,
                "Token " + token.id() + " (" + role + ", until " + Times.format(token.expiresAt())
                        + "), shown this once:\n\n" + token.token() + "\n");
    }

    @Command(name = "list", description = "Lists the tokens; never the tokens themselves.")
    void list(@Mixin Output output) {
        output.list(terminal.out(), Pages.all(connection.authorized(), PATH, PAGE), table());
    }

    @Command(name = "revoke", description = "Refuses a token from now on.")
    void revoke(
            @Parameters(
                            paramLabel = "TOKEN-ID",
                            converter = PublicId.Converter.class,
                            description = "the token's public id")
                    PublicId id) {
        connection.authorized().delete(PATH + "/" + id);
        terminal.out().println("token " + id + " is revoked");
    }

    private static Table<Token> table() {
        return new Table<Token>()
                .column("id", Token::id)
                .column("name", Token::name)
                .column("role", Token::role)
                .column("owner", Token::owner)
                .column("state", Token::state)
                .column("expires", Token::expiresAt)
                .column("last used", Token::lastUsedAt)
                .column("sources", Token::sources);
    }
}

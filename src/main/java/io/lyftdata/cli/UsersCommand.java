package io.lyftdata.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import io.lyftdata.api.Accounts.AddUser;
import io.lyftdata.api.Accounts.SetPassword;
import io.lyftdata.api.Accounts.User;
import io.lyftdata.api.Page;
import io.lyftdata.client.ApiClient;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Output;
import io.lyftdata.terminal.Pages;
import io.lyftdata.terminal.Table;
import io.lyftdata.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "users", description = "People's accounts.")
final class UsersCommand {
    private static final String PATH = "/api/users";
    private static final TypeReference<Page<User>> PAGE = new TypeReference<>() {};

    private final Terminal terminal;

    @Mixin
    private final Connection connection;

    UsersCommand(Terminal terminal) {
        this.terminal = terminal;
        this.connection = new Connection(terminal);
    }

    @Command(name = "list", description = "Lists the accounts.")
    void list(@Mixin Output output) {
        output.list(terminal.out(), Pages.all(connection.authorized(), PATH, PAGE), table());
    }

    @Command(name = "add", description = "Adds an account; the password comes from the terminal or standard input.")
    void add(
            @Mixin Output output,
            @Parameters(paramLabel = "USER", description = "the account's name") String name,
            @Option(
                            names = "--role",
                            paramLabel = "ROLE",
                            defaultValue = "viewer",
                            description = "viewer, operator or admin (default: ${DEFAULT-VALUE})")
                    String role) {
        ApiClient api = connection.authorized();
        AddUser wish = new AddUser(name, newPassword(name), role);
        output.one(terminal.out(), api.post(PATH, wish, User.class), table());
    }

    @Command(
            name = "set-password",
            description = "Sets an account's password, from the terminal or standard input, and ends its sessions.")
    void setPassword(@Parameters(paramLabel = "USER", description = "the account's name") String name) {
        ApiClient api = connection.authorized();
        api.put(path(name) + "/password", new SetPassword(newPassword(name)), Void.class);
        terminal.out().println("the password of " + name + " is set");
    }

    @Command(name = "remove", description = "Removes an account and ends its sessions.")
    void remove(@Parameters(paramLabel = "USER", description = "the account's name") String name) {
        connection.authorized().delete(path(name));
        terminal.out().println("user " + name + " is removed");
    }

    private String newPassword(String name) {
        return terminal.newPassword("new password of " + name + ": ").reveal();
    }

    private static String path(String name) {
        return PATH + "/" + ApiClient.segment(name);
    }

    private static Table<User> table() {
        return new Table<User>()
                .column("name", User::name)
                .column("role", User::role)
                .column("created", User::createdAt)
                .column("password changed", User::passwordChangedAt);
    }
}

package io.lyftdata.cli;

import io.lyftdata.terminal.Terminal;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

@Command(
        name = "completion",
        description = "Prints the completion of commands and options for bash and zsh.",
        footer = "Use it as in: source <(lyftdata completion)")
final class CompletionCommand implements Runnable {
    private final Terminal terminal;

    CompletionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        CommandLine whole = RootCommand.tree(terminal);
        terminal.out().print(AutoComplete.bash(whole.getCommandName(), whole));
        terminal.out().flush();
    }
}

package io.lyftdata.cli;

import io.lyftdata.config.BadSetting;
import io.lyftdata.server.ServerApplication;
import io.lyftdata.server.ServerConfig;
import io.lyftdata.terminal.CommandFailure;
import io.lyftdata.terminal.Terminal;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code check CONFIG}: says whether a configuration is usable. */
@Command(name = "check", description = "Says whether a configuration is usable; names file, key and reason.")
final class CheckCommand implements Callable<Integer> {
    @Parameters(paramLabel = "CONFIG", description = "the configuration file")
    private Path config;

    private final Terminal terminal;

    CheckCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try {
            ServerConfig settings =
                    ServerCommand.read(config, Map.of(), terminal).settings();
            ServerApplication.check(settings, terminal.clock(), terminal.environment())
                    .forEach(terminal::warn);
        } catch (BadSetting e) {
            throw new CommandFailure(e.getMessage());
        }
        terminal.out().println(config + " is usable");
        return 0;
    }
}

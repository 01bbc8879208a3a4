package io.lyftdata.cli;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.lyftdata.config.Loaded;
import io.lyftdata.config.Setting;
import io.lyftdata.config.SettingsLoader;
import io.lyftdata.server.RunningServer;
import io.lyftdata.server.ServerApplication;
import io.lyftdata.server.ServerConfig;
import io.lyftdata.server.ServerSettings;
import io.lyftdata.terminal.Systemd;
import io.lyftdata.terminal.Terminal;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code server [CONFIG]}: the control plane, until it is told to stop. */
@Command(name = "server", description = "Runs the control plane.")
final class ServerCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ServerCommand.class);

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "CONFIG", description = "configuration file; without it the packed one")
    private Path config;

    private final Terminal terminal;

    private ServerCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** With an option for each setting that has a flag. */
    static CommandLine line(Terminal terminal) {
        CommandLine line = new CommandLine(new ServerCommand(terminal));
        for (Setting setting : ServerSettings.ALL) {
            setting.flag().ifPresent(flag -> line.getCommandSpec().addOption(option(flag, setting)));
        }
        return line;
    }

    private static OptionSpec option(String flag, Setting setting) {
        OptionSpec.Builder option = OptionSpec.builder(flag)
                .type(String.class)
                .paramLabel("VALUE")
                .description(setting.help()
                        + setting.variable().map(name -> " (" + name + ")").orElse(""));
        return setting.kind() == Setting.Kind.SWITCH
                ? option.arity("0..1").fallbackValue("true").build()
                : option.arity("1").build();
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        giveIdleMemoryBack();
        Map<String, String> flags = flags();
        RunningServer server =
                ServerApplication.start(() -> read(config, flags, terminal), terminal.clock(), terminal.environment());
        Map<String, String> environment = terminal.environment();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, environment), "stop"));
        Systemd.ready(environment);
        server.join();
        return server.hasFailed() ? 1 : 0;
    }

    /** G1 returns the heap of an idle server to the system (JEP 346) when these, which a jar cannot ask for, are set. */
    private static void giveIdleMemoryBack() {
        HotSpotDiagnosticMXBean machine = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        try {
            machine.setVMOption("MinHeapFreeRatio", "20");
            machine.setVMOption("MaxHeapFreeRatio", "40");
            machine.setVMOption("G1PeriodicGCInterval", "15000");
        } catch (IllegalArgumentException e) {
            LOG.debug("this Java machine keeps the heap of an idle server", e);
        }
    }

    static Loaded<ServerConfig> read(Path config, Map<String, String> flags, Terminal terminal) {
        SettingsLoader loader = new SettingsLoader(ServerSettings.ALL, terminal.environment());
        return config == null
                ? loader.loadPacked(flags, ServerConfig.class)
                : loader.load(config, flags, ServerConfig.class);
    }

    private Map<String, String> flags() {
        Map<String, String> flags = new HashMap<>();
        for (Setting setting : ServerSettings.ALL) {
            Optional<String> value = setting.flag()
                    .map(flag -> spec.commandLine().getParseResult().matchedOptionValue(flag, (String) null));
            value.ifPresent(text -> flags.put(setting.key(), text));
            if (value.isPresent() && setting.kind() == Setting.Kind.SECRET) {
                terminal.warn(setting.flag().orElseThrow() + " on the command line can be read by other users of this"
                        + " host: use " + setting.variable().orElseThrow() + "_FILE");
            }
        }
        return flags;
    }

    private static void stop(RunningServer server, Map<String, String> environment) {
        try {
            Systemd.stopping(environment);
            server.drain();
            server.close();
        } catch (IOException e) {
            LOG.warn("the server did not stop cleanly", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.lyftdata.cli;

import ch.qos.logback.classic.Level;
import io.dropwizard.logging.common.BootstrapLogging;
import io.lyftdata.api.Times;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Failures;
import io.lyftdata.terminal.Terminal;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;

/** The command line's root: knows all commands, their common options, and how each of them fails. */
@Command(
        name = "lyftdata",
        description = "A hardened control plane for a fleet of workers: server, worker and command line.",
        versionProvider = RootCommand.Version.class)
public final class RootCommand {
    private static final int HELP_WIDTH = 100;

    private record Named(String name, Function<Terminal, Object> make) {}

    /** In the order in which the help lists them. */
    private static final List<Named> COMMANDS = List.of(
            new Named("server", ServerCommand::line),
            new Named("worker", WorkerCommand::new),
            new Named("run", RootCommand::runGroup),
            new Named("check", CheckCommand::new),
            new Named("login", LoginCommand::new),
            new Named("logout", LogoutCommand::new),
            new Named("workers", RootCommand::workersGroup),
            new Named("api-keys", ApiKeysCommand::new),
            new Named("tokens", TokensCommand::new),
            new Named("users", UsersCommand::new),
            new Named("enrollment", EnrollmentCommand::new),
            new Named("certificate", CertificateCommand::new),
            new Named("audit", AuditCommand::group),
            new Named("settings", SettingsCommand::new),
            new Named("posture", PostureCommand::new),
            new Named("backup", BackupCommand::group),
            new Named("incident", IncidentCommand::group),
            new Named("completion", CompletionCommand::new));

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "says what the command does, and ends")
    @SuppressWarnings("UnusedVariable") // acted upon by picocli
    private boolean help;

    @Option(names = "--version", versionHelp = true, description = "prints the version, and ends")
    @SuppressWarnings("UnusedVariable") // acted upon by picocli
    private boolean version;

    private RootCommand() {}

    /** Runs the command that the arguments name; answers the exit code of the process. */
    public static int run(String... arguments) {
        BootstrapLogging.bootstrap(Level.WARN);
        return run(Terminal.ofProcess(), arguments);
    }

    static int run(Terminal terminal, String... arguments) {
        Optional<String> named = Arrays.stream(arguments)
                .limit(1)
                .filter(first ->
                        COMMANDS.stream().anyMatch(command -> command.name().equals(first)))
                .findFirst();
        return tree(terminal, named).execute(arguments);
    }

    static CommandLine tree(Terminal terminal) {
        return tree(terminal, Optional.empty());
    }

    /** Reading the options of all commands takes longer than most commands; one that is named stands alone. */
    private static CommandLine tree(Terminal terminal, Optional<String> only) {
        Failures failures = new Failures(terminal.environment());
        CommandLine root = new CommandLine(new RootCommand());
        COMMANDS.stream()
                .filter(command -> only.isEmpty() || only.get().equals(command.name()))
                .forEach(command ->
                        root.addSubcommand(command.name(), command.make().apply(terminal)));
        return root.setOut(terminal.out())
                .setErr(terminal.err())
                .setUsageHelpWidth(HELP_WIDTH)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(Duration.class, RootCommand::duration)
                .setParameterExceptionHandler(failures)
                .setExecutionExceptionHandler(failures);
    }

    private static CommandLine runGroup(Terminal terminal) {
        return new CommandLine(new RunGroup())
                .addSubcommand(ServerCommand.line(terminal))
                .addSubcommand(new WorkerCommand(terminal));
    }

    private static CommandLine workersGroup(Terminal terminal) {
        Connection connection = new Connection(terminal);
        return new CommandLine(new WorkersCommand(terminal, connection))
                .addSubcommand(new LogsCommand(terminal, connection));
    }

    private static Duration duration(String text) {
        return Times.parseDuration(text)
                .orElseThrow(() -> new TypeConversionException("write a duration as in 30s, 12h or 90d"));
    }

    /** The long form, as in {@code run worker}. */
    @Command(name = "run", description = "Runs a process: the same as the command alone.")
    private static final class RunGroup {}

    /** From the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                "lyftdata "
                        + Optional.ofNullable(RootCommand.class.getPackage().getImplementationVersion())
                                .orElse("(built without a version)")
            };
        }
    }
}

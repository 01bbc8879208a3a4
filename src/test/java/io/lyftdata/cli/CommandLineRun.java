package io.lyftdata.cli;

import io.lyftdata.terminal.Terminal;
import io.lyftdata.testing.MovableClock;
import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Runs commands in this process, for a person whose home is a test's directory. */
final class CommandLineRun {
    static final String TOKEN = "lyd_at_of_the_test";

    final Map<String, String> environment = new HashMap<>();
    final MovableClock clock = new MovableClock();
    final Path sessionFile;
    String input = "";
    UnaryOperator<String> person;
    String out;
    String err;

    CommandLineRun(Path home) {
        environment.put("XDG_STATE_HOME", home.toString());
        sessionFile = home.resolve("lyftdata").resolve("session");
    }

    static CommandLineRun withToken(Path home, CannedServer server) {
        CommandLineRun run = new CommandLineRun(home);
        run.environment.put("LYFTDATA_URL", server.url());
        run.environment.put("LYFTDATA_API_TOKEN", TOKEN);
        return run;
    }

    int run(String... arguments) {
        StringWriter printed = new StringWriter();
        StringWriter said = new StringWriter();
        int exitCode = RootCommand.run(terminal(new PrintWriter(printed), new PrintWriter(said)), arguments);
        out = printed.toString();
        err = said.toString();
        return exitCode;
    }

    Terminal terminal(PrintWriter printed, PrintWriter said) {
        BufferedReader in = new BufferedReader(new StringReader(input));
        return new Terminal(environment, in, printed, said, clock, Optional.ofNullable(person));
    }
}

package io.lyftdata.terminal;

import io.lyftdata.api.Code;
import io.lyftdata.client.ApiFailure;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Nearest;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Whatever goes wrong ends in one line on standard error that says what to do next, and in an exit code. */
public final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {
    /** The exit code of a command that looked for something wrong and found it. */
    public static final int FOUND = 3;

    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;
    private static final String DEBUG = "LYFTDATA_DEBUG";

    private final Map<String, String> environment;

    public Failures(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public int handleParseException(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        return say(
                command, usage(failure) + "; see " + command.getCommandSpec().qualifiedName() + " --help", WRONG_USAGE);
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult arguments) {
        if ("1".equals(environment.get(DEBUG))) {
            failure.printStackTrace(command.getErr());
        }
        if (failure instanceof ApiFailure refused) {
            return say(command, sentence(refused), FAILED);
        }
        if (failure instanceof CommandFailure) {
            return say(command, failure.getMessage(), FAILED);
        }
        if (failure instanceof BadSetting) {
            return say(command, failure.getMessage(), WRONG_USAGE);
        }
        String kind = failure.getClass().getSimpleName();
        return say(
                command, "unexpected failure (" + kind + "): set " + DEBUG + "=1 to see where, and report it", FAILED);
    }

    private static int say(CommandLine command, String sentence, int exitCode) {
        command.getErr().println("lyftdata: " + Table.printable(sentence));
        return exitCode;
    }

    private static String sentence(ApiFailure refused) {
        boolean mayLogIn = refused.status() == Code.KEY_EXPIRED.status() && !refused.is(Code.LOGIN_REFUSED);
        return refused.getMessage()
                + (mayLogIn ? ": run lyftdata login USER, or set LYFTDATA_API_TOKEN" : "")
                + refused.problem()
                        .map(problem -> " (" + problem.code()
                                + (problem.requestId() == null ? "" : ", request " + problem.requestId()) + ")")
                        .orElse("");
    }

    private static String usage(ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        if (failure instanceof UnmatchedArgumentException unmatched) {
            return unknown(command, unmatched.getUnmatched().get(0));
        }
        if (failure.getClass() == ParameterException.class
                && !command.getSubcommands().isEmpty()) {
            return command.getCommandName() + " needs one of: "
                    + String.join(", ", command.getSubcommands().keySet());
        }
        String message = String.valueOf(failure.getMessage()).replaceAll("\\R", " ");
        return message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
    }

    /** A surplus argument, which may be a secret in the wrong place, is not repeated. */
    private static String unknown(CommandLine command, String argument) {
        boolean option = argument.startsWith("-");
        Collection<String> known = option
                ? command.getCommandSpec().optionsMap().keySet()
                : command.getSubcommands().keySet();
        if (known.isEmpty()) {
            return "too many arguments";
        }
        String name = argument.split("=", 2)[0];
        return "there is no " + (option ? "option " : "command ") + name
                + Nearest.of(name, known)
                        .map(near -> " (did you mean " + near + "?)")
                        .orElse("");
    }
}

package io.lyftdata;

import io.lyftdata.cli.RootCommand;

/** The only main method: gives the arguments to the command line. */
public final class Main {
    private Main() {}

    /** After a success the process lives on for as long as a command's own threads do. */
    public static void main(String[] arguments) {
        int exitCode = RootCommand.run(arguments);
        if (exitCode != 0) {
            System.exit(exitCode);
        }
    }
}

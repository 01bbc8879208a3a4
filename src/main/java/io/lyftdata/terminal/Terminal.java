package io.lyftdata.terminal;

import io.lyftdata.api.Times;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Secret;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What a command sees of the process that it runs in.
 *
 * @param hidden asks a person at a terminal, without echo; empty: nobody sits there
 */
public record Terminal(
        Map<String, String> environment,
        BufferedReader in,
        PrintWriter out,
        PrintWriter err,
        Clock clock,
        Optional<UnaryOperator<String>> hidden) {

    public static Terminal ofProcess() {
        // From JDK 22 on another console would be there even with redirected streams.
        System.setProperty("jdk.console", "java.base");
        return new Terminal(
                System.getenv(),
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)),
                writer(System.out),
                writer(System.err),
                Clock.systemUTC(),
                Optional.ofNullable(System.console()).map(Terminal::hiddenBy));
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
    }

    private static UnaryOperator<String> hiddenBy(Console console) {
        return prompt -> {
            char[] typed = console.readPassword("%s", prompt);
            return typed == null ? "" : new String(typed);
        };
    }

    public Variables variables() {
        return new Variables(environment);
    }

    public void warn(String sentence) {
        err.println("lyftdata: warning: " + sentence);
    }

    /** How far long work has come: one line that changes at a terminal, a line each otherwise. */
    public void progress(String state) {
        if (hidden.isPresent()) {
            err.print("\r" + state + "\u001b[K");
            err.flush();
        } else {
            err.println(state);
        }
    }

    /** Takes the line of {@link #progress} away, before anything else is printed. */
    public void endProgress() {
        if (hidden.isPresent()) {
            err.print("\r\u001b[K");
            err.flush();
        }
    }

    /** An option's point in time: RFC 3339, or how long ago. */
    public Instant time(String text) {
        return Times.parse(text)
                .or(() -> Times.parseDuration(text).map(ago -> clock.instant().minus(ago)))
                .orElseThrow(() -> new BadSetting(
                        "a time is RFC 3339, as in 2026-11-23T12:00:00Z, or how long ago, as in 15m or 2d"));
    }

    /** Whether a person at the terminal types yes; nobody is there to ask otherwise. */
    public boolean confirms(String question) {
        if (hidden.isEmpty()) {
            return false;
        }
        err.print(question);
        err.flush();
        return "yes".equalsIgnoreCase(line());
    }

    /** Typed without echo, or the first line of standard input. */
    public Secret password(String prompt) {
        return present(hidden.map(ask -> ask.apply(prompt)).orElseGet(this::line));
    }

    /** The same, typed twice at a terminal. */
    public Secret newPassword(String prompt) {
        Secret first = password(prompt);
        if (hidden.isPresent() && !first.equals(password("the same again: "))) {
            throw new CommandFailure("the two passwords differ: nothing was changed, try again");
        }
        return first;
    }

    private static Secret present(String password) {
        if (password == null || password.isEmpty()) {
            throw new CommandFailure(
                    "no password was given: type it at the prompt, or send it as one line to standard" + " input");
        }
        return new Secret(password);
    }

    private String line() {
        try {
            return in.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

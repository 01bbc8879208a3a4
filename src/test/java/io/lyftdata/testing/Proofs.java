package io.lyftdata.testing;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.AnnotatedElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** Tests ({@code Class#method}) and scripts that a page names for what it says. */
public final class Proofs {
    private static final Path TESTS = Path.of("src/test/java");
    /** A stage of a script is its second argument, as in {@code run.sh whole upgrade}. */
    private static final Pattern NAME =
            Pattern.compile("(\\w+)#(\\w+)|(?:src/test/sh|ansible/tests)/[\\w.-]*\\w(?: whole \\w+)?");

    private Proofs() {}

    /** All that the text names. */
    public static List<String> in(String text) {
        return NAME.matcher(text).results().map(MatchResult::group).toList();
    }

    /** The text without what it names. */
    public static String rest(String text) {
        return NAME.matcher(text).replaceAll("");
    }

    /** Whether it is a test that JUnit runs, or a script that can be run and knows the stage. */
    public static boolean isThere(String name) {
        int hash = name.indexOf('#');
        return hash < 0
                ? isScript(List.of(name.split(" ")))
                : classes(name.substring(0, hash)).anyMatch(type -> hasTest(type, name.substring(hash + 1)));
    }

    private static boolean isScript(List<String> words) {
        Path script = Path.of(words.get(0));
        try {
            return Files.isRegularFile(script)
                    && Files.isExecutable(script)
                    && List.of(Files.readString(script).split("\\W+")).containsAll(words.subList(1, words.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean hasTest(Class<?> type, String method) {
        return !type.isAnnotationPresent(Disabled.class)
                && Arrays.stream(type.getDeclaredMethods())
                        .anyMatch(found -> found.getName().equals(method) && isRun(found));
    }

    private static boolean isRun(AnnotatedElement method) {
        return Stream.of(Test.class, ParameterizedTest.class, FuzzTest.class).anyMatch(method::isAnnotationPresent)
                && !method.isAnnotationPresent(Disabled.class);
    }

    private static Stream<Class<?>> classes(String name) {
        try (Stream<Path> files = Files.walk(TESTS)) {
            return files.filter(file -> file.endsWith(name + ".java")).map(Proofs::load).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Class<?> load(Path file) {
        String name = TESTS.relativize(file).toString().replace('/', '.').replaceFirst("\\.java$", "");
        try {
            return Class.forName(name, false, Proofs.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(file + " is no test class", e);
        }
    }
}

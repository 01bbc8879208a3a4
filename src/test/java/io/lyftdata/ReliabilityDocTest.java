package io.lyftdata;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/RELIABILITY.md names is there. */
class ReliabilityDocTest {
    private static final Pattern TEST = Pattern.compile("`mvn (\\w+)#(\\w+)`");
    private static final Pattern SCRIPT = Pattern.compile("`((?:src|ansible)/\\S+\\.sh)");
    private static final String ROW = "| ";

    @Test
    void everyBugHasACommandThatExists() throws IOException {
        List<String> rows = Files.readAllLines(Path.of("docs/RELIABILITY.md")).stream()
                .filter(line -> line.startsWith(ROW))
                .skip(1)
                .toList();
        assertThat(rows).isNotEmpty();
        for (String row : rows) {
            assertThat(isThere(row)).as(row).isTrue();
        }
    }

    private static boolean isThere(String row) throws IOException {
        var test = TEST.matcher(row);
        if (test.find()) {
            return source(test.group(1)).contains("void " + test.group(2) + "(");
        }
        var script = SCRIPT.matcher(row);
        return script.find() && Files.isExecutable(Path.of(script.group(1)));
    }

    private static String source(String name) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            return Files.readString(files.filter(file -> file.endsWith(name + ".java"))
                    .findFirst()
                    .orElseThrow());
        }
    }
}

package io.lyftdata;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.testing.Proofs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What docs/RELIABILITY.md names is there. */
class ReliabilityDocTest {
    private static final String ROW = "| ";

    @Test
    void everyBugHasACommandThatExists() throws IOException {
        List<String> rows = Files.readAllLines(Path.of("docs/RELIABILITY.md")).stream()
                .filter(line -> line.startsWith(ROW))
                .skip(1)
                .toList();
        assertThat(rows).isNotEmpty();
        for (String row : rows) {
            assertThat(Proofs.in(row)).as(row).isNotEmpty().allMatch(Proofs::isThere);
        }
    }
}

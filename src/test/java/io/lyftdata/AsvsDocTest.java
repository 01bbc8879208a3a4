package io.lyftdata;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.testing.Proofs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/ASVS.md has every requirement once, and what it names is there. */
class AsvsDocTest {
    private static final Pattern ROW = Pattern.compile("\\| ((V\\d+)\\.\\d+\\.\\d+) \\| ([12]) \\| (.+) \\| (.+) \\|");
    private static final Pattern PAGE = Pattern.compile("`(\\w+\\.md)`");
    private static final String NONE = "—";
    /** Of ASVS 5.0.0, level 1 and level 2. */
    private static final Map<String, List<Integer>> REQUIREMENTS = Map.of(
            "V2", List.of(4, 7),
            "V4", List.of(2, 8),
            "V6", List.of(13, 22),
            "V7", List.of(6, 12),
            "V8", List.of(4, 3),
            "V11", List.of(3, 11),
            "V12", List.of(3, 6),
            "V13", List.of(1, 12),
            "V14", List.of(2, 7),
            "V16", List.of(0, 16));

    private final String page = read("ASVS.md");
    private final List<MatchResult> rows = ROW.matcher(page).results().toList();

    private static String read(String page) {
        try {
            return Files.readString(Path.of("docs", page));
        } catch (IOException e) {
            throw new AssertionError(page, e);
        }
    }

    @Test
    void noRequirementIsLostOrTwice() {
        assertThat(rows).extracting(row -> row.group(1)).doesNotHaveDuplicates();
        assertThat(page.lines().filter(line -> line.startsWith("| V")))
                .as("rows of another form")
                .hasSameSizeAs(rows);
        assertThat(rows.stream().map(row -> row.group(2)).collect(Collectors.toSet()))
                .isEqualTo(REQUIREMENTS.keySet());
        REQUIREMENTS.forEach((chapter, counts) -> assertThat(List.of(count(chapter, "1"), count(chapter, "2")))
                .as(chapter)
                .isEqualTo(counts));
    }

    private int count(String chapter, String level) {
        return (int) rows.stream()
                .filter(row -> row.group(2).equals(chapter) && row.group(3).equals(level))
                .count();
    }

    @Test
    void everyTestThatIsNamedIsOne() {
        for (MatchResult row : rows) {
            String tests = row.group(5);
            if (tests.equals(NONE)) {
                assertThat(row.group(4)).as("without a test").matches("(in words|does not apply|not met).*");
            } else {
                assertThat(Proofs.in(tests)).as(row.group()).isNotEmpty().allMatch(Proofs::isThere);
                assertThat(Proofs.rest(tests)).as(row.group()).matches("``(, ``)*");
            }
        }
    }

    @Test
    void everyPageThatIsNamedIsThere() {
        Set<String> pages =
                PAGE.matcher(page).results().map(name -> name.group(1)).collect(Collectors.toSet());
        assertThat(pages).isNotEmpty().allMatch(name -> Files.isRegularFile(Path.of("docs", name)));
    }
}

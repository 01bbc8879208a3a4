package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lyftdata.api.posture.Report;
import io.lyftdata.api.posture.Report.Check;
import io.lyftdata.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code docs/posture.md} is made from the checks, and the hardening page is mapped to them whole. */
class PostureDocTest {
    private static final String HEAD = """
            # Posture

            Made from the checks; a test says when it is stale, and writes the new one to `target/posture.md`.

            `lyftdata posture` asks a running server what of its deployment falls short of the hardening page, and says how to
            mend it: exit code 0 for nothing, 3 for findings; `--output json` for programs (the schema is in `api.md`). The server
            asks itself each hour, and once a day with the audit record POSTURE_CHECKED, which says what has come and gone since.
            `GET /metrics` counts the findings: `lyftdata_server_posture_findings_high`, `_medium`, `_low` and `_check_ID`.

            | severity | means |
            |---|---|
            | high | somebody can get in, or what keeps them out is about to end: mend it today |
            | medium | one more mistake and somebody can get in: mend it this week |
            | low | not as the hardening page wants it: mend it or waive it |

            A check that cannot look, or has not ended after 25 s, is a finding of its severity, `failed`, which no waiver covers.

            ## Waivers

            A finding that somebody answers for is waived in `config.yml`, until its last day (UTC), and shown all the same:

                posture:
                  waivers:
                    - check: disk-encryption
                      subject: /var/lib/lyftdata      # as the report names it; left out: all of the check's findings
                      reason: the hypervisor encrypts the volume, ticket 4711
                      until: 2027-01-31

            The admin task `reload-configuration` puts it in force without a restart. A waiver that names no check, has expired, or
            lasts for more than a year is a finding itself.

            ## The checks
            """;

    private static final String MAP = """

            ## The hardening page, sentence by sentence

            | the page | checks | what no program can check here |
            |---|---|---|
            """;

    private static List<Check> checks;

    @BeforeAll
    static void ask() {
        checks = TestServer.shared()
                .admin()
                .get(Report.PATH, Map.of(), Report.class)
                .checks();
    }

    private static String page() {
        StringBuilder page = new StringBuilder(HEAD);
        for (Check check : checks) {
            page.append("\n### ").append(check.id()).append("\n\n");
            page.append("| | |\n|---|---|\n");
            row(page, "severity", check.severity().wire());
            row(page, "looks at", check.looksAt());
            row(page, "why", check.why());
            row(page, "mend", check.mend());
            row(
                    page,
                    "waive",
                    check.id().equals("waivers")
                            ? "It cannot be waived."
                            : "`{check: " + check.id() + ", reason: …, until: YYYY-MM-DD}` under `posture.waivers`");
        }
        page.append(MAP);
        for (HardeningPage.Sentence sentence : HardeningPage.SENTENCES) {
            page.append("| ").append(sentence.text()).append(" | ");
            page.append(sentence.checks().stream().map(id -> "`" + id + "`").collect(Collectors.joining(", ")));
            page.append(" | ").append(sentence.rest()).append(" |\n");
        }
        return page.toString();
    }

    private static void row(StringBuilder page, String what, String text) {
        page.append("| ").append(what).append(" | ").append(text).append(" |\n");
    }

    @Test
    void thePageSaysWhatTheChecksSay() throws IOException {
        String due = page();
        Files.createDirectories(Path.of("target"));
        Files.writeString(Path.of("target/posture.md"), due);
        assertThat(Files.readString(Path.of("docs/posture.md")))
                .as("docs/posture.md is stale: cp target/posture.md docs/posture.md")
                .isEqualTo(due);
    }

    @Test
    void everySentenceHasItsCheckOrTheReasonWhyNot() throws IOException {
        List<String> ids = checks.stream().map(Check::id).toList();
        for (HardeningPage.Sentence sentence : HardeningPage.SENTENCES) {
            assertThat(ids).as(sentence.text()).containsAll(sentence.checks());
            assertThat(sentence.checks().isEmpty() && sentence.rest().isEmpty())
                    .as(sentence.text())
                    .isFalse();
        }
        String ofHosts = Files.readString(Path.of("ansible/files/host-posture.sh"));
        for (HardeningPage.Sentence sentence : HardeningPage.SENTENCES) {
            for (String id : HardeningPage.hostChecks(sentence.rest())) {
                assertThat(ofHosts).as(sentence.text()).contains("finding " + id + " ");
            }
        }
        for (Check check : checks) {
            List<String> quotes = HardeningPage.quotes(check.why());
            assertThat(quotes).as(check.id() + " quotes the page").allMatch(HardeningPage::says);
            boolean isMapped = HardeningPage.SENTENCES.stream()
                    .anyMatch(sentence -> sentence.checks().contains(check.id()));
            assertThat(isMapped || quotes.isEmpty())
                    .as(check.id() + " is in the map")
                    .isTrue();
        }
    }
}

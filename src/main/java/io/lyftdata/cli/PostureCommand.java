package io.lyftdata.cli;

import io.lyftdata.api.posture.Report;
import io.lyftdata.api.posture.Report.Check;
import io.lyftdata.api.posture.Report.Finding;
import io.lyftdata.api.posture.Severity;
import io.lyftdata.terminal.Connection;
import io.lyftdata.terminal.Failures;
import io.lyftdata.terminal.Output;
import io.lyftdata.terminal.Table;
import io.lyftdata.terminal.Terminal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "posture",
        description = {
            "Runs the hardening checks of this deployment, and says how to mend what they find.",
            "Exit code 3: something is wrong that no waiver covers."
        })
final class PostureCommand implements Callable<Integer> {
    private static final String RESET = "\u001b[0m";
    private static final Map<Severity, String> COLOURS =
            Map.of(Severity.HIGH, "\u001b[1;31m", Severity.MEDIUM, "\u001b[33m", Severity.LOW, "\u001b[36m");

    private final Terminal terminal;

    @Mixin
    private final Connection connection;

    @Mixin
    private Output output;

    PostureCommand(Terminal terminal) {
        this.terminal = terminal;
        this.connection = new Connection(terminal);
    }

    @Override
    public Integer call() {
        Report report = connection.authorized().get(Report.PATH, Map.of(), Report.class);
        output.text(terminal.out(), report, coloured(text(report)));
        return report.findings().all() == 0 ? 0 : Failures.FOUND;
    }

    /** A line of the table. */
    private record Line(Check check, Finding finding) {}

    private static String text(Report report) {
        List<Line> lines = new ArrayList<>();
        report.checks().stream()
                .sorted(Comparator.comparing(Check::severity))
                .forEach(check -> lines.addAll(lines(check)));
        String table = lines.isEmpty()
                ? ""
                : new Table<Line>()
                        .column("severity", line -> line.check().severity().wire())
                        .column("check", line -> line.check().id())
                        .column("subject", line -> line.finding().subject())
                        .column("finding", PostureCommand::sentence)
                        .column("remedy", line -> line.finding().remedy())
                        .rows(lines);
        return table + summary(report) + "\n";
    }

    private static List<Line> lines(Check check) {
        List<Line> lines = new ArrayList<>(check.findings().stream()
                .map(finding -> new Line(check, finding))
                .toList());
        long more = check.count() + check.waived() - check.findings().size();
        if (more > 0) {
            lines.add(new Line(check, new Finding("and " + more + " more", "the same", check.mend(), null, null)));
        }
        return lines;
    }

    private static String sentence(Line line) {
        Report.Waiver waiver = line.finding().waiver();
        return line.finding().sentence()
                + (waiver == null ? "" : " (waived until " + waiver.until() + ": " + waiver.reason() + ")");
    }

    private static String summary(Report report) {
        Report.Counts found = report.findings();
        return report.checks().size() + " checks: "
                + (found.all() == 0
                        ? "nothing found"
                        : found.high() + " high, " + found.medium() + " medium, " + found.low() + " low")
                + (report.waived() == 0 ? "" : ", " + report.waived() + " waived");
    }

    /** Colours the first word of each line that is a severity, where a person sits and wants it. */
    private String coloured(String text) {
        String wish = terminal.environment().getOrDefault("NO_COLOR", "");
        if (terminal.hidden().isEmpty() || !wish.isEmpty()) {
            return text;
        }
        String result = text;
        for (Severity severity : Severity.values()) {
            String word = severity.wire();
            result = result.replaceAll("(?m)^" + word + "(?= )", COLOURS.get(severity) + word + RESET);
        }
        return result;
    }
}

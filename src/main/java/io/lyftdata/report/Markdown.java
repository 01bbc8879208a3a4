package io.lyftdata.report;

import io.lyftdata.api.Times;
import io.lyftdata.api.incident.Incidents;
import io.lyftdata.api.incident.Report;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The report for people: CommonMark with tables; long lists are cut, and say so. */
final class Markdown {
    /** The JSON form has all of them. */
    private static final int MOST_ROWS = 200;

    private static final int LONGEST_DIFFERENCE = 300;

    private final Report report;
    private final StringBuilder text = new StringBuilder();

    Markdown(Report report) {
        this.report = report;
    }

    String text() {
        Incidents.View incident = report.incident();
        text.append("# Incident ").append(cell(incident.id())).append("\n\n");
        facts(incident);
        done();
        scope();
        around();
        left();
        return text.toString();
    }

    private void done() {
        section(
                "Timeline",
                report.incident().timeline(),
                "time | who | what | step | said",
                moment -> row(moment.at(), moment.by(), moment.what(), moment.step(), moment.said()));
        section(
                "Controls",
                report.controls(),
                "control | state | ordered | in effect after | what",
                control -> row(
                        control.name(),
                        control.state(),
                        control.orderedAt(),
                        control.effectMillis() == null ? null : control.effectMillis() + " ms",
                        control.said()));
    }

    private void around() {
        section(
                "What changed",
                report.changes(),
                "time | who | from | action | what | difference",
                change -> row(
                        change.at(),
                        change.by(),
                        change.address(),
                        change.action(),
                        (change.count() == 1 ? "" : change.count() + " ×: ") + String.join(", ", change.subjects()),
                        cut(change.difference())));
        section(
                "What was refused",
                report.refused(),
                "address | attempts | first | last | codes",
                address -> row(
                        address.address().isEmpty() ? "further addresses" : address.address(),
                        address.attempts(),
                        address.first(),
                        address.last(),
                        counts(address.codes())));
    }

    private void left() {
        text.append("\n## What is still open\n\n");
        report.open().forEach(end -> text.append("- ").append(cell(end)).append('\n'));
        if (report.open().isEmpty()) {
            text.append("Nothing.\n");
        }
    }

    private void facts(Incidents.View incident) {
        text.append("| | |\n|---|---|\n");
        fact("state", incident.state());
        fact("reason", incident.reason());
        fact("may have begun", incident.since());
        fact("opened", incident.openedAt());
        fact("opened by", incident.openedBy());
        fact("closed", incident.closedAt());
        fact("note", incident.note());
        fact("impacted workers", report.scope().workers().size());
        fact("installation", report.installation());
        fact("server", report.product());
        fact("reported", report.createdAt());
    }

    private void fact(String name, Object value) {
        if (value != null) {
            text.append(row(name, value));
        }
    }

    private void scope() {
        section(
                "Impacted workers",
                report.scope().workers(),
                "worker | state | joined by | from | last seen at | last" + " accepted request | keys",
                worker -> row(
                        worker.id(),
                        worker.state(),
                        worker.admittedBy(),
                        worker.admittedFrom(),
                        worker.address(),
                        worker.lastRequestAt(),
                        worker.keys().stream()
                                .map(key -> key.id() + " (" + key.state() + ")")
                                .collect(Collectors.joining(", "))));
        section(
                "Secrets by which they joined",
                List.copyOf(report.scope().secrets().entrySet()),
                "secret | workers",
                secret -> row(secret.getKey(), secret.getValue()));
        section(
                "Their addresses",
                List.copyOf(report.scope().addresses().entrySet()),
                "address | workers",
                address -> row(address.getKey(), address.getValue()));
    }

    private <T> void section(String title, List<T> items, String columns, Function<T, String> row) {
        text.append("\n## ").append(title).append("\n\n");
        if (items.isEmpty()) {
            text.append("None.\n");
            return;
        }
        text.append("| ").append(columns).append(" |\n|");
        text.append("---|".repeat(columns.split("\\|", -1).length)).append('\n');
        items.stream().limit(MOST_ROWS).map(row).forEach(text::append);
        if (items.size() > MOST_ROWS) {
            text.append("\nThe first ")
                    .append(MOST_ROWS)
                    .append(" of ")
                    .append(items.size())
                    .append("; the JSON form has all.\n");
        }
    }

    private static String row(Object... cells) {
        return Arrays.stream(cells).map(Markdown::cell).collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    private static String cut(Object difference) {
        String all = difference == null ? "" : difference.toString();
        return all.length() > LONGEST_DIFFERENCE ? all.substring(0, LONGEST_DIFFERENCE) + " …" : all;
    }

    private static String counts(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .sorted()
                .collect(Collectors.joining(", "));
    }

    /** On one line, and no markup, whoever wrote it. */
    private static String cell(Object value) {
        if (value == null) {
            return "";
        }
        String plain = value instanceof Instant time ? Times.format(time) : value.toString();
        return plain.replaceAll("\\p{C}", "?").replaceAll("[\\\\`*\\[\\]<>|#]", "\\\\$0");
    }
}

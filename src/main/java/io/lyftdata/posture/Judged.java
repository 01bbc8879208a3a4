package io.lyftdata.posture;

import io.lyftdata.api.posture.Report;
import io.lyftdata.api.posture.Report.Counts;
import io.lyftdata.api.posture.Report.State;
import io.lyftdata.api.posture.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What came of one check in one run. */
record Judged(Rule rule, boolean hasFailed, List<Borne> findings) {
    private static final int MOST = 100;

    /** A finding, and the waiver that covers it. */
    record Borne(Finding finding, Optional<Waiver> waiver) {}

    /** By what a finding is known from run to run. */
    record Shown(String checkId, String subject) {}

    static Judged of(Rule rule, List<Finding> found, List<Waiver> waivers) {
        return new Judged(
                rule,
                false,
                found.stream()
                        .map(finding -> new Borne(finding, waiverOf(rule, finding, waivers)))
                        .toList());
    }

    private static Optional<Waiver> waiverOf(Rule rule, Finding finding, List<Waiver> waivers) {
        return waivers.stream()
                .filter(waiver -> waiver.covers(rule.id(), finding))
                .findFirst();
    }

    /** No waiver covers what nobody knows. */
    static Judged failed(Rule rule) {
        Finding finding = new Finding(
                "the check itself",
                "the check could not look, so nothing is known about this",
                "see the server's log for `posture check " + rule.id() + " failed`, mend what it names, and run"
                        + " lyftdata posture again");
        return new Judged(rule, true, List.of(new Borne(finding, Optional.empty())));
    }

    long waived() {
        return findings.stream().filter(borne -> borne.waiver().isPresent()).count();
    }

    long count() {
        return findings.size() - waived();
    }

    static Report report(Instant begun, Instant end, List<Judged> all, Function<Shown, Optional<Instant>> since) {
        return new Report(
                Report.SCHEMA,
                begun,
                Duration.between(begun, end).toMillis(),
                new Counts(count(all, Severity.HIGH), count(all, Severity.MEDIUM), count(all, Severity.LOW)),
                all.stream().mapToLong(Judged::waived).sum(),
                all.stream().map(judged -> judged.view(since)).toList());
    }

    private static long count(List<Judged> all, Severity severity) {
        return all.stream()
                .filter(judged -> judged.rule().severity() == severity)
                .mapToLong(Judged::count)
                .sum();
    }

    private Report.Check view(Function<Shown, Optional<Instant>> since) {
        return new Report.Check(
                rule.id(),
                rule.severity(),
                state(),
                rule.looksAt(),
                rule.why(),
                rule.mend(),
                count(),
                waived(),
                findings.stream().limit(MOST).map(borne -> view(borne, since)).toList());
    }

    private State state() {
        return hasFailed ? State.FAILED : findings.isEmpty() ? State.CLEAR : count() == 0 ? State.WAIVED : State.FOUND;
    }

    private Report.Finding view(Borne borne, Function<Shown, Optional<Instant>> since) {
        Finding finding = borne.finding();
        return new Report.Finding(
                finding.subject(),
                finding.sentence(),
                finding.remedy(),
                since.apply(new Shown(rule.id(), finding.subject())).orElse(null),
                borne.waiver()
                        .map(waiver -> new Report.Waiver(waiver.reason(), waiver.until()))
                        .orElse(null));
    }
}

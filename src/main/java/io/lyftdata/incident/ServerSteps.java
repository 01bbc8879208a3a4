package io.lyftdata.incident;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.Times;
import io.lyftdata.api.backup.Backups.View;
import io.lyftdata.api.posture.Report;
import io.lyftdata.backup.Backups;
import io.lyftdata.incident.Review.Named;
import io.lyftdata.incident.Step.Outcome;
import io.lyftdata.incident.Step.Turn;
import io.lyftdata.posture.Posture;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What is looked at: a backup to go back to, the posture, and what has changed. Nothing of it changes anything. */
public final class ServerSteps {
    private final Review review;
    private final Backups backups;
    private final Posture posture;

    public ServerSteps(Review review, Backups backups, Posture posture) {
        this.review = review;
        this.backups = backups;
        this.posture = posture;
    }

    List<Step> steps() {
        return List.of(
                new Step("restore", this::newest, this::offer),
                new Step("posture", incident -> "runs every posture check", this::check).last(),
                new Step("review", ServerSteps::since, this::review).last());
    }

    private Optional<View> offered(Incident incident) {
        Instant since = incident.opening().since();
        backups.lostDirectory().ifPresent(place -> {
            throw new Refusal(
                    Code.UNAVAILABLE,
                    place + ", where the backups are, is not there or cannot be read: see that it is mounted, and run"
                            + " this step again");
        });
        return backups.list().stream()
                .filter(backup ->
                        backup.provenAt() != null && backup.createdAt().isBefore(since))
                .findFirst();
    }

    private String newest(Incident incident) {
        String before = " from before " + Times.format(incident.opening().since());
        return offered(incident)
                .map(backup -> "offers backup " + backup.name() + before + "; it restores nothing")
                .orElse("finds no proven backup" + before);
    }

    /** The restore is for people to decide: the server is stopped for it. */
    private Outcome offer(Turn turn) {
        View backup = offered(turn.incident())
                .orElseThrow(() -> new Refusal(
                        Code.CONFLICT,
                        "no backup from before "
                                + Times.format(turn.incident().opening().since())
                                + " is proven: prove one (lyftdata backup verify FILE --identity KEY --record), or skip"
                                + " this step when nothing is to be restored"));
        Map<String, Object> facts = review.takenBack(backup);
        Map<String, Named> kept = review.kept(backup);
        facts.put("kept", kept);
        facts.put("backup", backup.name());
        facts.put("createdAt", Times.format(backup.createdAt()));
        facts.put("counts", backup.counts());
        facts.put("command", "lyftdata backup restore " + backup.name() + " --identity KEY");
        return Outcome.done(
                "newest proven backup is " + backup.name() + ", of before the last " + facts.get("records")
                        + " records; a restore would take back " + facts.get("settings") + " changes of settings"
                        + inWords("new workers", facts.get("newWorkers")) + inWords("new users", facts.get("newUsers"))
                        + inWords("new keys of", facts.get("renewedKeys")) + "; it would leave as it is, for the ledger"
                        + " has it" + (kept.isEmpty() ? ": nothing" : inWords(kept))
                        + "; if it is wanted, stop the server and run: " + facts.get("command"),
                facts);
    }

    private static String inWords(Map<String, Named> kept) {
        return kept.entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue().inWords())
                .collect(Collectors.joining(", ", ": ", ""));
    }

    private static String inWords(String what, Object who) {
        return who instanceof Named named && named.count() > 0 ? ", " + what + " " + named.inWords() : "";
    }

    private Outcome check(Turn turn) {
        Report report = posture.record(turn.caller());
        Report.Counts found = report.findings();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("high", found.high());
        facts.put("medium", found.medium());
        facts.put("low", found.low());
        facts.put(
                "checks",
                report.checks().stream()
                        .filter(check -> check.count() > 0)
                        .map(Report.Check::id)
                        .toList());
        return Outcome.done(
                found.all() + " findings: " + found.high() + " high, " + found.medium() + " medium, " + found.low()
                        + " low; lyftdata posture says which",
                facts);
    }

    private static String since(Incident incident) {
        return "counts what has changed since "
                + Times.format(incident.opening().since()) + ", and by whom";
    }

    private Outcome review(Turn turn) {
        Instant since = turn.incident().opening().since();
        Map<String, Object> facts = review.since(since);
        String from = Times.format(since);
        return Outcome.done(
                facts.get("records") + " records, " + facts.get("settings") + " changes of settings since " + from
                        + "; lyftdata audit list --since " + from + ", lyftdata settings history",
                facts);
    }
}

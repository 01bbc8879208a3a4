package io.lyftdata.posture;

import io.lyftdata.api.posture.Report;
import io.lyftdata.audit.Action;
import io.lyftdata.audit.Event;
import io.lyftdata.posture.PostureDao.Known;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a run found that the one before had not, and the reverse. */
record Difference(List<Known> gone, List<Known> came) {
    private static final int MOST = 20;

    static Difference between(List<Known> before, List<Judged> now, Instant time) {
        List<Known> found = now.stream()
                .flatMap(judged -> judged.findings().stream()
                        .map(borne ->
                                new Known(judged.rule().id(), borne.finding().subject(), time)))
                .toList();
        return new Difference(without(before, found), without(found, before));
    }

    private static List<Known> without(List<Known> these, List<Known> those) {
        Set<Judged.Shown> out = those.stream().map(Difference::key).collect(Collectors.toSet());
        return these.stream().filter(known -> !out.contains(key(known))).toList();
    }

    private static Judged.Shown key(Known known) {
        return new Judged.Shown(known.checkId(), known.subject());
    }

    /** One field a check that changed: before it what has gone, after it what has come. */
    Event event(Report report) {
        Map<String, Object> counts = new LinkedHashMap<>();
        counts.put("high", report.findings().high());
        counts.put("medium", report.findings().medium());
        counts.put("low", report.findings().low());
        Event event =
                Event.of(Action.POSTURE_CHECKED, "").set("findings", counts).set("waived", report.waived());
        Map<String, List<String>> lost = byCheck(gone);
        Map<String, List<String>> won = byCheck(came);
        Set<String> changed = new TreeSet<>(lost.keySet());
        changed.addAll(won.keySet());
        for (String id : changed) {
            event = event.change(id, lost.get(id), won.get(id));
        }
        return event;
    }

    private static Map<String, List<String>> byCheck(List<Known> findings) {
        Map<String, List<String>> subjects = findings.stream()
                .collect(
                        Collectors.groupingBy(Known::checkId, Collectors.mapping(Known::subject, Collectors.toList())));
        subjects.replaceAll((id, all) -> told(all));
        return subjects;
    }

    private static List<String> told(List<String> all) {
        if (all.size() <= MOST) {
            return all;
        }
        List<String> some = new ArrayList<>(all.subList(0, MOST));
        some.add("and " + (all.size() - MOST) + " more");
        return some;
    }
}

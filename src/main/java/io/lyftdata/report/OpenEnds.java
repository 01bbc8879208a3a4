package io.lyftdata.report;

import io.lyftdata.api.Times;
import io.lyftdata.api.Workers.View;
import io.lyftdata.api.incident.Incidents;
import io.lyftdata.api.posture.Report;
import io.lyftdata.api.rotation.Rotation.Progress;
import io.lyftdata.db.Paging;
import io.lyftdata.lockdown.Lockdown;
import io.lyftdata.posture.Posture;
import io.lyftdata.rotation.Rotations;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What an incident still leaves to be done. */
public record OpenEnds(Rotations rotations, Lockdown lockdown, Posture posture) {
    private static final Set<String> SETTLED = Set.of("done", "skipped");

    /** Each a sentence; empty when nothing is left. */
    List<String> of(Incidents.View incident, List<View> workers) {
        List<String> open = new ArrayList<>();
        incident.steps().stream()
                .filter(step -> !SETTLED.contains(step.state()))
                .forEach(step -> open.add("step " + step.name() + " is " + step.state()
                        + (step.said() == null ? "" : ": " + step.said())));
        incident.steps().stream()
                .filter(step -> step.state().equals("skipped"))
                .forEach(step -> open.add("step " + step.name() + " was skipped: " + step.said()));
        if (incident.state().equals("open")) {
            open.add("the incident is open: lyftdata incident close " + incident.id());
        }
        isolated(workers, open);
        unconverged(open);
        if (lockdown.isOn()) {
            open.add("the server is locked down: lyftdata incident lockdown off");
        }
        Report found = posture.newest();
        if (found.findings().high() > 0) {
            open.add("the posture had " + found.findings().high() + " findings of severity high at "
                    + Times.format(found.time()) + ": lyftdata posture");
        }
        return open;
    }

    private static void isolated(List<View> workers, List<String> open) {
        long isolated =
                workers.stream().filter(view -> view.state().equals("isolated")).count();
        if (isolated > 0) {
            open.add(isolated + " of " + workers.size()
                    + " impacted workers are isolated: lyftdata workers release, reset or remove");
        }
    }

    private void unconverged(List<String> open) {
        Progress progress = rotations.progress(null, Paging.of(1, null));
        Map<String, Long> left = new TreeMap<>(progress.left());
        left.remove("isolated");
        if (!left.isEmpty()) {
            open.add("workers whose key is to be renewed yet: " + left + "; lyftdata api-keys rotate shows them");
        }
    }
}

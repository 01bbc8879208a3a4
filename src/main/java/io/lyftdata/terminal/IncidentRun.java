package io.lyftdata.terminal;

import io.lyftdata.api.incident.Incidents.Ran;
import io.lyftdata.api.incident.Incidents.Run;
import io.lyftdata.api.incident.Incidents.Step;
import io.lyftdata.api.incident.Incidents.View;
import io.lyftdata.client.ApiClient;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** What is left of an incident, done a step a call, so that it is seen how far it has come. */
public final class IncidentRun {
    private static final long POLL_NANOS = Duration.ofSeconds(1).toNanos();
    private static final Set<String> SETTLED = Set.of("done", "skipped");

    private final Terminal terminal;
    private final ApiClient api;
    private final String path;
    private final String only;
    private final Consumer<String> onSecret;
    private final Set<String> told = new HashSet<>();

    /**
     * @param path of the incident
     * @param only the one step that is to be done; null: all that are left
     * @param onSecret takes a new enrollment secret at once
     */
    public IncidentRun(Terminal terminal, ApiClient api, String path, String only, Consumer<String> onSecret) {
        this.terminal = terminal;
        this.api = api;
        this.path = path;
        this.only = only;
        this.onSecret = onSecret;
    }

    /**
     * Does them.
     *
     * @param patience how long is waited for what comes by itself, such as workers that renew their keys
     * @return the incident as it is then
     */
    public View of(View begun, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        View view = pass(begun, only == null ? names(left(begun)) : List.of(only));
        List<Step> coming = coming(view);
        while (!coming.isEmpty() && System.nanoTime() < end && !Thread.interrupted()) {
            LockSupport.parkNanos(POLL_NANOS);
            view = pass(view, names(coming));
            coming = coming(view);
            if (coming.isEmpty()) {
                view = pass(view, names(left(view)));
            }
        }
        return view;
    }

    private View pass(View begun, List<String> steps) {
        View view = begun;
        for (String step : steps) {
            Ran ran = api.post(path + "/run", new Run(step, null), Ran.class);
            view = ran.incident();
            tell(view, step);
            if (ran.enrollmentSecret() != null) {
                onSecret.accept(ran.enrollmentSecret());
            }
        }
        return view;
    }

    private static List<String> names(List<Step> steps) {
        return steps.stream().map(Step::name).toList();
    }

    /** One that is still due says for what it waits. */
    private void tell(View view, String name) {
        view.steps().stream()
                .filter(step -> step.name().equals(name))
                .map(step -> name + " " + step.state() + ": " + step.said())
                .filter(told::add)
                .forEach(terminal::progress);
        terminal.endProgress();
    }

    /** What is neither done nor skipped. */
    public List<Step> left(View view) {
        return view.steps().stream()
                .filter(step -> only == null || only.equals(step.name()))
                .filter(step -> !SETTLED.contains(step.state()))
                .toList();
    }

    private List<Step> coming(View view) {
        return left(view).stream()
                .filter(step -> step.facts() != null && step.facts().containsKey("byItself"))
                .toList();
    }
}

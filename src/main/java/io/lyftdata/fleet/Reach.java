package io.lyftdata.fleet;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.fleet.Fleet;
import io.lyftdata.api.incident.Incidents.Scope;
import io.lyftdata.worker.Isolation.Target;
import io.lyftdata.worker.Workers;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Whom an incident's scope names, at the moment of asking; never all of them for want of one. */
public final class Reach {
    private final Workers workers;
    private final Scopes scopes;

    public Reach(Workers workers, Scopes scopes) {
        this.workers = workers;
        this.scopes = scopes;
    }

    /**
     * @throws Refusal {@code unprocessable} when the scope is empty or names two things, {@code not_found} when it names
     *     nobody
     */
    public List<Target> of(Scope scope) {
        if (scope == null
                || Stream.of(
                                        scope.workers(),
                                        scope.label(),
                                        scope.admittedBy(),
                                        scope.key(),
                                        isTrue(scope.all()),
                                        isTrue(scope.none()))
                                .filter(Objects::nonNull)
                                .count()
                        != 1) {
            throw new Refusal(
                    Code.UNPROCESSABLE,
                    "scope must hold exactly one of workers, label, admittedBy, key, all as true, and none as true");
        }
        if (isTrue(scope.none()) != null) {
            return List.of();
        }
        List<Target> targets = scope.workers() != null
                ? scope.workers().stream()
                        .map(name -> workers.target(Workers.idOf(name)))
                        .distinct()
                        .toList()
                : isTrue(scope.all()) != null
                        ? workers.everybody()
                        : scopes.find(new Fleet.Scope(scope.label(), scope.admittedBy(), scope.key()));
        if (targets.isEmpty()) {
            throw new Refusal(
                    Code.NOT_FOUND,
                    "the scope names no worker; when no worker is impacted, say so: none as true (--no-workers)");
        }
        return targets;
    }

    private static Boolean isTrue(Boolean given) {
        return Boolean.TRUE.equals(given) ? Boolean.TRUE : null;
    }
}

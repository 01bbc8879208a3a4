package io.lyftdata.fleet;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.Workers.Isolate;
import io.lyftdata.api.Workers.View;
import io.lyftdata.api.fleet.Fleet.Affected;
import io.lyftdata.api.fleet.Fleet.Answer;
import io.lyftdata.api.fleet.Fleet.Release;
import io.lyftdata.auth.Caller;
import io.lyftdata.enrollment.Secrets;
import io.lyftdata.worker.Isolation;
import io.lyftdata.worker.Isolation.Target;
import io.lyftdata.worker.Sentence;
import io.lyftdata.worker.Workers;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Shuts workers out and lets them in again, one or many by one decision. Safe for use by many threads. */
public final class Fleet {
    private static final Duration LONGEST = Duration.ofDays(3650);

    private final Workers workers;
    private final Isolation isolation;
    private final Scopes scopes;
    private final Secrets secrets;
    private final Clock clock;

    public Fleet(Workers workers, Isolation isolation, Scopes scopes, Secrets secrets, Clock clock) {
        this.workers = workers;
        this.isolation = isolation;
        this.scopes = scopes;
        this.secrets = secrets;
        this.clock = clock;
    }

    /**
     * Shuts one worker out; one that is shut out already stays so, for the first reason, unless this holds longer.
     *
     * @return with the time of its last request, and its enrollment secret while others may join by it
     * @throws Refusal {@code unprocessable}, {@code not_found}, or {@code conflict} for a removed one
     */
    public View isolate(Caller caller, String name, Isolate wish) {
        String id = Workers.idOf(name);
        Sentence sentence = sentence(wish.reason(), wish.expiresInSeconds());
        Target target = workers.target(id);
        workers.refuseRemoved(id);
        isolation.isolate(caller, List.of(target), sentence);
        View view = workers.show(id);
        return secrets.isLive(view.admittedBy()) ? view.withLiveSecret(view.admittedBy()) : view;
    }

    /** Lets one worker in again; one that is not shut out stays as it is. */
    public View release(Caller caller, String name) {
        String id = workers.target(Workers.idOf(name)).id();
        workers.refuseRemoved(id);
        isolation.release(caller, List.of(id));
        return workers.show(id);
    }

    /** Shuts out all that the scope names, or says whom it would. */
    public Answer isolate(Caller caller, io.lyftdata.api.fleet.Fleet.Isolate wish) {
        Sentence sentence = sentence(wish.reason(), wish.expiresInSeconds());
        List<Target> targets = scopes.find(wish.scope());
        boolean isPreview = Boolean.TRUE.equals(wish.preview());
        List<String> changed =
                isPreview ? isolation.wouldIsolate(targets, sentence) : isolation.isolate(caller, targets, sentence);
        return answer(isPreview, targets, changed);
    }

    /** Lets in again all that the scope names and that are isolated, or says whom it would. */
    public Answer release(Caller caller, Release wish) {
        List<Target> targets = scopes.find(wish.scope());
        List<String> ids = targets.stream().map(Target::id).toList();
        boolean isPreview = Boolean.TRUE.equals(wish.preview());
        return answer(isPreview, targets, isPreview ? isolation.wouldRelease(ids) : isolation.release(caller, ids));
    }

    private Answer answer(boolean isPreview, List<Target> targets, List<String> changed) {
        List<View> views = workers.all(Set.copyOf(changed));
        Set<String> admitted =
                views.stream().map(View::admittedBy).filter(secrets::isLive).collect(Collectors.toSet());
        return new Answer(
                isPreview,
                targets.size(),
                views.stream()
                        .map(view -> new Affected(view.id(), view.state(), view.lastRequestAt()))
                        .toList(),
                List.copyOf(admitted));
    }

    private Sentence sentence(String reason, Long seconds) {
        if (seconds != null && (seconds < 1 || seconds > LONGEST.toSeconds())) {
            throw new Refusal(
                    Code.UNPROCESSABLE, "expiresInSeconds must be from 1 to " + LONGEST.toSeconds() + " (ten years)");
        }
        return new Sentence(reason, seconds == null ? null : clock.instant().plusSeconds(seconds));
    }
}

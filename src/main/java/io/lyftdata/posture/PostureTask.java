package io.lyftdata.posture;

import io.lyftdata.api.posture.Report;
import io.lyftdata.auth.Caller;
import io.lyftdata.http.AdminTasks;

/** {@code posture}: runs every check now, and records what differs from the last recorded run. */
public final class PostureTask implements AdminTasks.Task<PostureTask.NoArguments> {
    private final Posture posture;

    public PostureTask(Posture posture) {
        this.posture = posture;
    }

    /** It takes none. */
    public record NoArguments() {}

    @Override
    public String name() {
        return "posture";
    }

    @Override
    public Class<NoArguments> arguments() {
        return NoArguments.class;
    }

    @Override
    public Report run(Caller host, NoArguments none) {
        return posture.record(host);
    }
}

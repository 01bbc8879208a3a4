package io.lyftdata.rotation;

import io.lyftdata.api.rotation.Rotation.Progress;
import io.lyftdata.api.rotation.Rotation.Wish;
import io.lyftdata.auth.Caller;
import io.lyftdata.http.AdminTasks;

/** {@code rotate-worker-keys}: orders that keys be renewed, as {@code POST /api/rotation} does. */
public final class RotateWorkerKeysTask implements AdminTasks.Task<Wish> {
    private final Rotations rotations;

    public RotateWorkerKeysTask(Rotations rotations) {
        this.rotations = rotations;
    }

    @Override
    public String name() {
        return "rotate-worker-keys";
    }

    @Override
    public Class<Wish> arguments() {
        return Wish.class;
    }

    @Override
    public Progress run(Caller host, Wish wish) {
        return rotations.order(host, wish);
    }
}

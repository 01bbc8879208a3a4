package io.lyftdata.rotation;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.rotation.Rotation.Progress;
import io.lyftdata.api.rotation.Rotation.Wish;
import io.lyftdata.auth.Caller;
import io.lyftdata.db.Paging;
import io.lyftdata.http.AdminTasks;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** {@code rotate-worker-keys}: orders that keys be renewed, as {@code POST /api/rotation} does, and says how far it has come. */
public final class RotateWorkerKeysTask implements AdminTasks.Task<RotateWorkerKeysTask.Arguments> {
    private final Rotations rotations;

    public RotateWorkerKeysTask(Rotations rotations) {
        this.rotations = rotations;
    }

    /** @param order number of an order that was given already: nothing is ordered, and the answer is about that one */
    public record Arguments(
            String worker, Map<String, String> labels, Boolean all, String deadline, String overlap, Long order) {}

    @Override
    public String name() {
        return "rotate-worker-keys";
    }

    @Override
    public Class<Arguments> arguments() {
        return Arguments.class;
    }

    @Override
    public Progress run(Caller host, Arguments wish) {
        if (wish.order() == null) {
            return rotations.order(
                    host, new Wish(wish.worker(), wish.labels(), wish.all(), wish.deadline(), wish.overlap()));
        }
        if (Stream.of(wish.worker(), wish.labels(), wish.all(), wish.deadline(), wish.overlap())
                .anyMatch(Objects::nonNull)) {
            throw new Refusal(
                    Code.UNPROCESSABLE, "with order, which asks how far that one has come, give nothing else");
        }
        return rotations.progress(wish.order(), Paging.of(null, null));
    }
}

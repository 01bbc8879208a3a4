package io.lyftdata.host;

import io.lyftdata.api.posture.Severity;
import io.lyftdata.db.Database;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.util.List;

/** Whether the server of a fleet still runs the worker that is meant for a first look. */
public final class BuiltInWorkerPostureCheck implements PostureCheck {
    private static final Rule RULE = new Rule(
            "built-in-worker",
            Severity.LOW,
            "Whether the server runs its built-in worker although there are other workers.",
            "“Segment traffic where possible: separate control plane and worker hosts and allow only required ports.”",
            "Set `built-in-worker: false`, restart the server, and remove the worker: `lyftdata workers remove"
                    + " built-in`.");

    private final Database database;
    private final boolean isOn;

    /** @param isOn what the settings say */
    public BuiltInWorkerPostureCheck(Database database, boolean isOn) {
        this.database = database;
        this.isOn = isOn;
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() {
        boolean isFleet = database.finds("SELECT 1 FROM worker WHERE state <> 'removed' AND id <> 'built-in' LIMIT 1");
        return isOn && isFleet
                ? List.of(new Finding(
                        "built-in-worker",
                        "the control plane's own host does a worker's work",
                        "built-in-worker: false, then restart, and run: lyftdata workers remove built-in"))
                : List.of();
    }
}

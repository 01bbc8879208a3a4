package io.lyftdata.clone;

import io.lyftdata.api.posture.Severity;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.util.List;

/** Workers whose key and identity more than one process has. */
public final class SharedKeyPostureCheck implements PostureCheck {
    private static final Rule RULE = new Rule(
            "key-shared",
            Severity.HIGH,
            "Workers of which two processes were alive side by side within the last day (the alarm `worker_cloned`): a"
                    + " jobs directory that was copied or is shared, or a thief, until an operator decides.",
            "“Prefer unique API keys per worker and rotate them on a schedule.” What two hosts know cannot be taken from"
                    + " one of them alone.",
            "`lyftdata workers isolate ID --reason cloned` shuts both out. Then empty the jobs directory of the one that"
                    + " is a copy, and let `lyftdata workers reset ID` make a bootstrap key for the right one.");

    private final Clones clones;

    public SharedKeyPostureCheck(Clones clones) {
        this.clones = clones;
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() {
        return clones.alarms().stream()
                .map(alarm -> new Finding(
                        alarm.workerId(),
                        "two processes act as this worker, from " + alarm.address() + " and from "
                                + alarm.otherAddress(),
                        "lyftdata workers isolate " + alarm.workerId()
                                + " --reason cloned; then lyftdata workers reset " + alarm.workerId()
                                + " makes a bootstrap key for the right one"))
                .toList();
    }
}

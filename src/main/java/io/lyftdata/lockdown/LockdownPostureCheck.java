package io.lyftdata.lockdown;

import io.lyftdata.api.Times;
import io.lyftdata.api.lockdown.Lockdown.View;
import io.lyftdata.api.posture.Severity;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.util.List;

/** Whether the server is still locked down. */
public final class LockdownPostureCheck implements PostureCheck {
    private static final Rule RULE = new Rule(
            "lockdown",
            Severity.LOW,
            "The ledger: a lockdown that is on is a finding.",
            "A lockdown is for the hours of an incident: while it is on, no worker joins, and no metrics and logs come in.",
            "End it when the incident is over: `lyftdata incident lockdown off`.");

    private final Lockdown lockdown;

    public LockdownPostureCheck(Lockdown lockdown) {
        this.lockdown = lockdown;
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() {
        View view = lockdown.view();
        return view.on()
                ? List.of(new Finding(
                        "server",
                        "the server is locked down since " + Times.format(view.since()) + " by " + view.by(),
                        "lyftdata incident lockdown off"))
                : List.of();
    }
}

package io.lyftdata.incident;

import io.lyftdata.api.incident.Incidents.Open;
import io.lyftdata.api.incident.Incidents.View;
import io.lyftdata.auth.Caller;
import io.lyftdata.http.AdminTasks;

/** {@code open-incident}: as {@code POST /api/incidents} does. */
public final class OpenIncidentTask implements AdminTasks.Task<Open> {
    private final Incidents incidents;

    public OpenIncidentTask(Incidents incidents) {
        this.incidents = incidents;
    }

    @Override
    public String name() {
        return "open-incident";
    }

    @Override
    public Class<Open> arguments() {
        return Open.class;
    }

    @Override
    public View run(Caller host, Open wish) {
        return incidents.open(host, wish);
    }
}

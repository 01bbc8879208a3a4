package io.lyftdata.incident;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.incident.Incidents.Close;
import io.lyftdata.api.incident.Incidents.Run;
import io.lyftdata.api.incident.Incidents.Skip;
import io.lyftdata.api.incident.Report.Signed;
import io.lyftdata.auth.Caller;
import io.lyftdata.http.AdminTasks;
import java.util.function.Function;
import java.util.stream.Stream;

/** {@code run-incident}: runs what is left of an incident, skips a step of it, closes it, or tells of it. */
public final class RunIncidentTask implements AdminTasks.Task<RunIncidentTask.Arguments> {
    private final Incidents incidents;
    private final Function<String, Signed> reports;

    /** @param reports of the incident with this id */
    public RunIncidentTask(Incidents incidents, Function<String, Signed> reports) {
        this.incidents = incidents;
        this.reports = reports;
    }

    /**
     * @param incident its id; null: the only one that is open
     * @param step only this one; null: every step that is left
     * @param preview true: nothing is done, and the answer says what would be
     * @param skip the reason for which the step is left out instead
     * @param close the note with which the incident is closed instead
     * @param report true: nothing is done, and the answer is the report
     */
    public record Arguments(String incident, String step, Boolean preview, String skip, String close, Boolean report) {}

    @Override
    public String name() {
        return "run-incident";
    }

    @Override
    public Class<Arguments> arguments() {
        return Arguments.class;
    }

    @Override
    public Object run(Caller host, Arguments wish) {
        boolean isReport = Boolean.TRUE.equals(wish.report());
        boolean isPreview = Boolean.TRUE.equals(wish.preview());
        if (Stream.of(wish.skip() != null, wish.close() != null, isPreview, isReport)
                        .filter(given -> given)
                        .count()
                > 1) {
            throw new Refusal(Code.UNPROCESSABLE, "give one of skip, close, and preview or report as true");
        }
        String id = wish.incident() == null ? incidents.onlyOpen() : wish.incident();
        if (isReport) {
            return reports.apply(id);
        }
        if (wish.skip() != null) {
            return incidents.skip(host, id, new Skip(wish.step(), wish.skip()));
        }
        return wish.close() != null
                ? incidents.close(host, id, new Close(wish.close()))
                : incidents.run(host, id, new Run(wish.step(), wish.preview()));
    }
}

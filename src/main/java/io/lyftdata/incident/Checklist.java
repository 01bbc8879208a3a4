package io.lyftdata.incident;

import io.lyftdata.api.incident.Incidents;
import io.lyftdata.api.incident.Incidents.View;
import io.lyftdata.http.ProblemMapper;
import io.lyftdata.incident.Moment.What;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The steps in their order, and how an incident is shown by them. */
public final class Checklist {
    private static final int MOST_NAMES = 3;

    private final List<Step> steps = new ArrayList<>();

    private final EvidenceSteps evidence;
    private final CertificateStep certificate;

    public Checklist(
            FleetSteps fleet,
            AccessSteps access,
            CertificateStep certificate,
            ServerSteps server,
            EvidenceSteps evidence) {
        this.evidence = evidence;
        this.certificate = certificate;
        steps.addAll(fleet.steps());
        steps.addAll(access.steps());
        steps.add(certificate.step());
        steps.add(fleet.convergence());
        steps.addAll(server.steps());
        steps.addAll(evidence.steps());
    }

    /** Once it is opened, and before anything is done about it. */
    void begin(Incident incident) {
        evidence.begin(incident);
    }

    /** Fingerprint of what is served now. */
    String certificate() {
        return certificate.served();
    }

    List<String> names() {
        return steps.stream().map(Step::name).toList();
    }

    /** Empty for one that this version does not have any more. */
    Optional<Step> step(String name) {
        return steps.stream().filter(step -> step.name().equals(name)).findFirst();
    }

    /** Without timeline, plans and facts. */
    View summary(Incident incident) {
        return view(incident, false);
    }

    /** All of it. */
    View view(Incident incident) {
        return view(incident, true);
    }

    private View view(Incident incident, boolean isWhole) {
        Moment.Opening opening = incident.opening();
        Optional<Moment> closing = incident.closing();
        return new View(
                incident.id(),
                closing.isPresent() ? "closed" : "open",
                opening.reason(),
                opening.scope(),
                opening.workers().size(),
                opening.since(),
                incident.openedAt(),
                incident.timeline().get(0).by(),
                closing.map(Moment::at).orElse(null),
                closing.map(Moment::said).orElse(null),
                opening.steps().stream()
                        .map(name -> step(incident, name, isWhole))
                        .toList(),
                isWhole ? incident.timeline().stream().map(Checklist::told).toList() : null);
    }

    private static Incidents.Moment told(Moment moment) {
        return new Incidents.Moment(moment.at(), moment.by(), moment.what().wire(), moment.step(), moment.said());
    }

    private Incidents.Step step(Incident incident, String name, boolean isWhole) {
        Optional<Moment> last = incident.last(name);
        Instant begun = incident.begun(name).map(Moment::at).orElse(null);
        boolean isAhead = last.isEmpty() || last.get().what() == What.BEGUN;
        Map<String, Object> facts = last.filter(moment -> moment.what() != What.BEGUN)
                .map(Moment::facts)
                .orElse(null);
        boolean isComing = facts != null && facts.containsKey(Incident.BY_ITSELF);
        Object millis = facts == null ? null : facts.get(Incident.EFFECT_MILLIS);
        return new Incidents.Step(
                name,
                last.map(moment -> moment.what().wire()).orElse("due"),
                isAhead || isComing
                        ? (isWhole ? plan(incident, name) : null)
                        : last.get().said(),
                begun,
                isAhead ? null : last.get().at(),
                millis instanceof Number number ? Long.valueOf(number.longValue()) : null,
                isWhole ? facts : null);
    }

    private String plan(Incident incident, String name) {
        try {
            return step(name)
                    .map(step -> waited(incident, step) + step.plan().apply(incident))
                    .orElse("this version has no such step: skip it");
        } catch (RuntimeException e) {
            return "cannot be done now: " + ProblemMapper.refusal(e).detail();
        }
    }

    private static String waited(Incident incident, Step step) {
        List<String> awaited = step.isLast() ? incident.awaited(step.name()) : List.of();
        if (awaited.isEmpty()) {
            return "";
        }
        int more = awaited.size() - MOST_NAMES;
        return "waits for: " + String.join(", ", awaited.subList(0, Math.min(MOST_NAMES, awaited.size())))
                + (more > 0 ? " and " + more + " more" : "") + "; then ";
    }
}

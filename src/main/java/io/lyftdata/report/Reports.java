package io.lyftdata.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lyftdata.api.Workers.KeyView;
import io.lyftdata.api.Workers.View;
import io.lyftdata.api.incident.Incidents;
import io.lyftdata.api.incident.Report;
import io.lyftdata.api.incident.Report.Address;
import io.lyftdata.api.incident.Report.Control;
import io.lyftdata.api.incident.Report.Scope;
import io.lyftdata.api.incident.Report.Signed;
import io.lyftdata.api.incident.Report.Worker;
import io.lyftdata.apikey.ApiKeys;
import io.lyftdata.chain.Stretch;
import io.lyftdata.crypto.Digests;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.evidence.Refused;
import io.lyftdata.http.Json;
import io.lyftdata.incident.Incident;
import io.lyftdata.worker.Workers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Tells of an incident what is known now, and signs it; changes nothing. Safe for use by many threads. */
public final class Reports {
    private static final ObjectMapper JSON = Json.configure(new ObjectMapper());
    private static final int MOST_ADDRESSES = 1000;

    private final io.lyftdata.incident.Incidents incidents;
    private final Sources sources;
    private final Signer signer;
    private final Clock clock;

    /** What a report is made of, besides the incident. */
    public record Sources(Workers workers, ApiKeys keys, Stretch audit, OpenEnds openEnds) {}

    /** @param installation id */
    public record Signer(String installation, SigningKey key) {}

    public Reports(io.lyftdata.incident.Incidents incidents, Sources sources, Signer signer, Clock clock) {
        this.incidents = incidents;
        this.sources = sources;
        this.signer = signer;
        this.clock = clock;
    }

    /** @throws io.lyftdata.api.Refusal {@code not_found} */
    public Signed signed(String id) {
        Report report = report(id);
        String json = json(report);
        String markdown = new Markdown(report).text();
        String sums = String.join(
                        "\n",
                        Signed.PURPOSE,
                        "installation " + signer.installation(),
                        "incident " + id,
                        sum(json) + "  incident-" + id + ".json",
                        sum(markdown) + "  incident-" + id + ".md")
                + "\n";
        return new Signed(
                json,
                markdown,
                sums,
                signer.key().sign(sums.getBytes(StandardCharsets.UTF_8)),
                signer.key().publicKey());
    }

    private static String sum(String text) {
        return Digests.sha256Hex(text);
    }

    private static String json(Report report) {
        try {
            return JSON.writeValueAsString(report) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a report that is no JSON", e);
        }
    }

    private Report report(String id) {
        Incident incident = incidents.find(id);
        Incidents.View view = incidents.show(id);
        Set<String> ids = Set.copyOf(incident.opening().workers());
        List<View> workers = ids.isEmpty() ? List.of() : sources.workers().all(ids);
        Changes changes = new Changes();
        Refused refused = new Refused();
        sources.audit().read(incident.opening().since(), record -> {
            changes.add(record);
            refused.add(record);
        });
        return new Report(
                Report.SCHEMA,
                signer.installation(),
                Optional.ofNullable(Reports.class.getPackage().getImplementationVersion())
                        .orElse("unknown"),
                clock.instant(),
                view,
                scope(workers, ids),
                view.steps().stream().map(Reports::control).toList(),
                changes.list(),
                refused.addresses().stream()
                        .limit(MOST_ADDRESSES)
                        .map(Reports::address)
                        .toList(),
                sources.openEnds().of(view, workers));
    }

    private Scope scope(List<View> workers, Set<String> ids) {
        Map<String, List<Report.Key>> keys = ids.isEmpty()
                ? Map.of()
                : sources.keys().all().stream()
                        .filter(key -> ids.contains(key.workerId()))
                        .collect(Collectors.groupingBy(
                                KeyView::workerId, Collectors.mapping(Reports::key, Collectors.toList())));
        return new Scope(
                workers.stream()
                        .map(view -> worker(view, keys.getOrDefault(view.id(), List.of())))
                        .toList(),
                counts(workers, View::admittedBy),
                addresses(workers));
    }

    private static Map<String, Long> addresses(List<View> workers) {
        Map<String, Long> all = counts(workers, View::admittedFrom);
        counts(
                        workers.stream()
                                .filter(view -> view.address() != null
                                        && !view.address().equals(view.admittedFrom()))
                                .toList(),
                        View::address)
                .forEach((address, count) -> all.merge(address, count, Long::sum));
        return all;
    }

    private static Map<String, Long> counts(List<View> workers, Function<View, String> of) {
        Map<String, Long> counts = new TreeMap<>();
        workers.stream()
                .map(of)
                .filter(value -> value != null && !value.isEmpty())
                .forEach(value -> counts.merge(value, 1L, Long::sum));
        return counts;
    }

    private static Report.Key key(KeyView key) {
        return new Report.Key(key.id(), key.kind(), key.state(), key.createdAt(), key.revokedAt());
    }

    private static Worker worker(View view, List<Report.Key> keys) {
        return new Worker(
                view.id(),
                view.state(),
                view.labels(),
                view.admittedBy(),
                view.admittedFrom(),
                view.address(),
                view.lastRequestAt(),
                view.isolated() == null ? null : view.isolated().at(),
                keys);
    }

    private static Control control(Incidents.Step step) {
        return new Control(step.name(), step.state(), step.begunAt(), step.effectMillis(), step.said());
    }

    private static Address address(Refused.Address from) {
        return new Address(from.address(), from.attempts(), from.first(), from.last(), from.codes());
    }
}

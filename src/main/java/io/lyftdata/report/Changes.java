package io.lyftdata.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lyftdata.api.incident.Report.Change;
import io.lyftdata.audit.AuditRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Sums up what changed: a call that changed 10,000 workers is one line. Used by one thread. */
final class Changes {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_SUBJECTS = 5;
    /** They act by themselves, and there are many. */
    private static final Set<String> MACHINES = Set.of("worker", "enrollment", "stranger");

    private final Map<Call, Group> groups = new LinkedHashMap<>();

    private record Call(String action, String by, String address, String requestId) {}

    private static final class Group {
        private final AuditRecord first;
        private final List<String> subjects = new ArrayList<>();
        private Instant last;
        private long count;

        private Group(AuditRecord first) {
            this.first = first;
        }

        private void add(AuditRecord record) {
            last = record.time();
            count++;
            if (subjects.size() < MOST_SUBJECTS && !record.subject().isEmpty()) {
                subjects.add(record.subject());
            }
        }
    }

    /** Passes over what was refused, and over what stands in the timeline. */
    void add(AuditRecord record) {
        if (!record.isRefusal() && !record.action().startsWith("INCIDENT_")) {
            groups.computeIfAbsent(call(record), call -> new Group(record)).add(record);
        }
    }

    private static Call call(AuditRecord record) {
        return MACHINES.contains(record.actorKind())
                ? new Call(record.action(), "workers", "", "")
                : new Call(
                        record.action(),
                        record.actorKind() + " " + record.actor(),
                        record.address(),
                        record.requestId().isEmpty() ? Long.toString(record.position()) : record.requestId());
    }

    List<Change> list() {
        return groups.entrySet().stream()
                .map(entry -> change(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static Change change(Call call, Group group) {
        return new Change(
                group.first.time(),
                group.count == 1 ? null : group.last,
                call.by(),
                call.address().isEmpty() ? null : call.address(),
                call.action(),
                group.count,
                List.copyOf(group.subjects),
                group.count == 1 ? difference(group.first.difference()) : null);
    }

    /** Null for none, and for one that somebody damaged. */
    private static JsonNode difference(String json) {
        try {
            JsonNode difference = JSON.readTree(json);
            return difference.isEmpty() ? null : difference;
        } catch (JsonProcessingException e) {
            return null;
        }
    }
}

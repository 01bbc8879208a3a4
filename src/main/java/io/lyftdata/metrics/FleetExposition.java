package io.lyftdata.metrics;

import io.lyftdata.metrics.Snapshot.Part;
import io.lyftdata.metrics.WorkerMetrics.Kept;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * One valid exposition (text format 0.0.4) of many workers: each family once, its samples together, below what the
 * server knows of each worker. When workers disagree on a family's type, the type of most workers stands, of equals
 * that of the worker whose metrics were seen first; the others' family is left out and counted.
 */
final class FleetExposition {
    private static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    private static final int BUFFER = 1 << 16;

    /** What workers must agree on to share a family. */
    private record Kind(String name, MetricType type) {}

    /** All that goes under one HELP and TYPE. */
    private static final class Group {
        private final Kind kind;
        private final List<Part> parts = new ArrayList<>();
        private String help = "";

        private Group(Kind kind) {
            this.kind = kind;
        }

        private void add(Part part) {
            parts.add(part);
            help = help.isEmpty() ? part.family().help() : help;
        }
    }

    private record Source(String worker, Kept kept) {}

    private final List<WorkerStatus> fleet;
    private final List<Source> sources;

    /** @param fresh a worker's metrics, when there are any to show */
    FleetExposition(List<WorkerStatus> fleet, Function<String, Optional<Kept>> fresh) {
        this.fleet = fleet;
        this.sources = fleet.stream()
                .flatMap(worker -> fresh.apply(worker.id()).map(kept -> new Source(worker.id(), kept)).stream())
                .sorted(Comparator.comparingLong(
                                (Source source) -> source.kept().firstAt())
                        .thenComparing(Source::worker))
                .toList();
    }

    static String contentType() {
        return CONTENT_TYPE;
    }

    void writeTo(OutputStream stream) throws IOException {
        OutputStream out = new BufferedOutputStream(stream, BUFFER);
        Map<Kind, Group> groups = group();
        Map<String, Group> shown = elect(groups.values());
        WorkerFamilies.write(fleet, leftOut(groups, shown), out);
        for (Group group : shown.values()) {
            write(group, out);
        }
        out.flush();
    }

    private Map<Kind, Group> group() {
        Map<Kind, Group> groups = new LinkedHashMap<>();
        Map<Family, Group> byFamily = new HashMap<>();
        for (Source source : sources) {
            for (Part part : source.kept().snapshot().parts()) {
                byFamily.computeIfAbsent(
                                part.family(),
                                family -> groups.computeIfAbsent(new Kind(family.name(), family.type()), Group::new))
                        .add(part);
            }
        }
        return groups;
    }

    /** By name; a group that lays claim to a name of a larger or earlier group is not among them. */
    private static Map<String, Group> elect(Iterable<Group> groups) {
        List<Group> candidates = new ArrayList<>();
        groups.forEach(candidates::add);
        candidates.sort(Collections.reverseOrder(Comparator.comparingInt(group -> group.parts.size())));
        Map<String, Group> elected = new TreeMap<>();
        Set<String> claimed = new HashSet<>();
        for (Group group : candidates) {
            List<String> claims = group.kind.type().claims(group.kind.name());
            if (Collections.disjoint(claims, claimed)) {
                claimed.addAll(claims);
                elected.put(group.kind.name(), group);
            }
        }
        return elected;
    }

    /** How many families of which worker are not shown. */
    private Map<String, Integer> leftOut(Map<Kind, Group> groups, Map<String, Group> shown) {
        Map<String, Integer> counts = new TreeMap<>();
        if (groups.size() == shown.size()) {
            return counts;
        }
        for (Source source : sources) {
            for (Part part : source.kept().snapshot().parts()) {
                Group group = shown.get(part.family().name());
                if (group == null || group.kind.type() != part.family().type()) {
                    counts.merge(source.worker(), 1, Integer::sum);
                }
            }
        }
        return counts;
    }

    private static void write(Group group, OutputStream out) throws IOException {
        out.write(head(group.kind.name(), group.kind.type(), group.help));
        for (Part part : group.parts) {
            part.writeTo(out);
        }
    }

    /** The lines above a family's samples. */
    static byte[] head(String name, MetricType type, String help) {
        String helpLine = help.isEmpty() ? "" : "# HELP " + name + " " + help + "\n";
        return (helpLine + "# TYPE " + name + " " + type.text() + "\n").getBytes(StandardCharsets.UTF_8);
    }
}

package io.lyftdata.metrics;

import io.lyftdata.metrics.Snapshot.Part;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which families an exposition shows. When workers disagree on a family's type, the type of most workers stands, of
 * equals that of the worker whose metrics were seen first; a family that lays claim to a name of a larger or earlier
 * one is not shown either. Immutable once made.
 */
final class Election {
    static final Election NONE = new Election(List.of());

    /** What workers must agree on to share a family. */
    record Kind(String name, MetricType type) {}

    /** All that goes under one HELP and TYPE. */
    static final class Group {
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

        Kind kind() {
            return kind;
        }

        String help() {
            return help;
        }

        List<Part> parts() {
            return parts;
        }
    }

    private final Map<String, Group> shown;
    private final Map<String, MetricType> types = new HashMap<>();
    private final Set<Kind> losers = new HashSet<>();

    /** @param snapshots by when their worker's metrics were first seen */
    Election(List<Snapshot> snapshots) {
        Map<Kind, Group> groups = group(snapshots);
        shown = elect(groups.values());
        shown.forEach((name, group) -> types.put(name, group.kind.type()));
        for (Group group : groups.values()) {
            if (shown.get(group.kind.name()) != group) {
                losers.add(group.kind);
            }
        }
    }

    private static Map<Kind, Group> group(List<Snapshot> snapshots) {
        Map<Kind, Group> groups = new LinkedHashMap<>();
        Map<Family, Group> byFamily = new HashMap<>();
        for (Snapshot snapshot : snapshots) {
            for (Part part : snapshot.parts()) {
                byFamily.computeIfAbsent(
                                part.family(),
                                family -> groups.computeIfAbsent(new Kind(family.name(), family.type()), Group::new))
                        .add(part);
            }
        }
        return groups;
    }

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

    /** By name. */
    Iterable<Group> shown() {
        return shown.values();
    }

    /** The names of the snapshot's families that are not shown; most often there are none. */
    List<String> leftOut(Snapshot snapshot) {
        List<String> names = new ArrayList<>(0);
        for (Part part : snapshot.parts()) {
            Family family = part.family();
            MetricType type = types.get(family.name());
            boolean isShown =
                    type == null ? !losers.contains(new Kind(family.name(), family.type())) : type == family.type();
            if (!isShown) {
                names.add(family.name());
            }
        }
        return names;
    }
}

package io.lyftdata.telemetry;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Samples in the Prometheus text format 0.0.4, grouped by family: each family has one HELP, one TYPE and no series
 * twice, however many sources add to it. For use by one thread.
 */
final class Exposition {
    private static final Map<String, List<String>> SUFFIXES =
            Map.of("histogram", List.of("", "_bucket", "_sum", "_count"), "summary", List.of("", "_sum", "_count"));

    private final Map<String, Family> families = new LinkedHashMap<>();
    /** The family of each name that samples may have. */
    private final Map<String, String> owners = new HashMap<>();

    private int series;

    /** One metric family; the first HELP and TYPE count. */
    final class Family {
        private final String name;
        private final String type;
        private final String help;
        private final Set<String> keys = new HashSet<>();
        private final List<String> samples = new ArrayList<>();

        private Family(String name, String type, String help) {
            this.name = name;
            this.type = type;
            this.help = help;
        }

        /** @param labels name, value, name, value … */
        Family add(double value, String... labels) {
            return add("", number(value), labels);
        }

        /** @param labels name, value, name, value … */
        Family add(long value, String... labels) {
            return add("", Long.toString(value), labels);
        }

        /** The two samples of a summary without quantiles. */
        void addSummary(long count, double sum, String... labels) {
            add("_count", Long.toString(count), labels);
            add("_sum", number(sum), labels);
        }

        private Family add(String suffix, String value, String... labels) {
            Map<String, String> named = new TreeMap<>();
            for (int i = 0; i < labels.length; i += 2) {
                named.put(labels[i], labels[i + 1]);
            }
            add(name + suffix, named, value);
            return this;
        }

        /** False, with nothing added, when this series is there already. */
        boolean add(String sample, Map<String, String> labels, String value) {
            return put(key(sample, labels), value);
        }

        private boolean put(String key, String value) {
            if (!keys.add(key)) {
                return false;
            }
            samples.add(key + " " + value + "\n");
            series++;
            return true;
        }
    }

    /** The family of this name, made if it is missing. */
    Family family(String name, String type, String help) {
        names(name, type).forEach(sample -> owners.putIfAbsent(sample, name));
        return families.computeIfAbsent(name, key -> new Family(key, type, help));
    }

    /** Whether a family would have another TYPE than it has here, or sample names that are another family's. */
    boolean conflicts(String name, String type) {
        Family family = families.get(name);
        return (family != null && !family.type.equals(type))
                || names(name, type)
                        .anyMatch(sample -> !owners.getOrDefault(sample, name).equals(name));
    }

    private static Stream<String> names(String name, String type) {
        return SUFFIXES.getOrDefault(type, List.of("")).stream().map(name::concat);
    }

    int series() {
        return series;
    }

    /**
     * Adds all samples of another exposition, but for families that are in conflict with those of this one.
     *
     * @return the names of the families left out
     */
    List<String> merge(Exposition other) {
        List<String> left = new ArrayList<>();
        for (Family theirs : other.families.values()) {
            if (conflicts(theirs.name, theirs.type)) {
                left.add(theirs.name);
                continue;
            }
            Family ours = family(theirs.name, theirs.type, theirs.help);
            for (String sample : theirs.samples) {
                int space = sample.lastIndexOf(' ');
                ours.put(sample.substring(0, space), sample.substring(space + 1, sample.length() - 1));
            }
        }
        return left;
    }

    byte[] render() {
        StringBuilder text = new StringBuilder();
        for (Family family : families.values()) {
            if (family.samples.isEmpty()) {
                continue;
            }
            if (!family.help.isEmpty()) {
                text.append("# HELP ").append(family.name).append(' ');
                text.append(family.help.replace("\\", "\\\\").replace("\n", "\\n"))
                        .append('\n');
            }
            text.append("# TYPE ").append(family.name).append(' ');
            text.append(family.type).append('\n');
            family.samples.forEach(text::append);
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String key(String name, Map<String, String> labels) {
        if (labels.isEmpty()) {
            return name;
        }
        StringBuilder key = new StringBuilder(name).append('{');
        for (Map.Entry<String, String> label : new TreeMap<>(labels).entrySet()) {
            key.append(label.getKey()).append("=\"");
            key.append(label.getValue()
                            .replace("\\", "\\\\")
                            .replace("\n", "\\n")
                            .replace("\"", "\\\""))
                    .append("\",");
        }
        key.setCharAt(key.length() - 1, '}');
        return key.toString();
    }

    private static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        return Double.toString(value).replace("Infinity", "Inf");
    }
}

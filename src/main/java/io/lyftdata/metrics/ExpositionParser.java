package io.lyftdata.metrics;

import io.lyftdata.metrics.Snapshot.Part;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads Prometheus' text format 0.0.4 strictly and renders it anew under the worker's label, so that whatever gets
 * through is a valid part of a larger exposition. Samples of a family may be scattered; they come out together. What
 * does not fit is refused as unprocessable, with its line.
 */
final class ExpositionParser {
    static final int MAX_BYTES = 4 << 20;
    static final int MAX_SERIES = 10_000;
    private static final int MAX_NAME = 256;
    private static final int MAX_HELP = 4096;
    private static final List<String> RESERVED = List.of("lyftdata_worker_", "lyftdata_server_");

    /** A family while it is being read. */
    private static final class Draft {
        private final String name;
        private final Lines samples = new Lines();
        private MetricType type;
        private String help;

        private Draft(String name) {
            this.name = name;
        }
    }

    /**
     * Where the samples of one name go.
     *
     * @param number the label that must be there with a number; null when none must
     * @param isBare whether the family's type has no samples of this name
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Slot(Draft family, byte[] prefix, byte[] number, boolean isBare) {}

    private final Scanner scanner;
    private final Labels labels;
    private final String workerLabel;
    private final Map<String, Draft> drafts = new LinkedHashMap<>();
    private final Map<String, Slot> slots = new HashMap<>();
    private final Set<String> series = new HashSet<>();

    private ExpositionParser(String worker, byte[] exposition) {
        scanner = new Scanner(exposition);
        labels = new Labels(scanner);
        workerLabel = "{worker=\"" + worker + "\"";
    }

    /**
     * The snapshot that the worker's exposition holds.
     *
     * @throws io.lyftdata.api.Refusal when it is not wholly valid
     */
    static Snapshot parse(String worker, byte[] exposition) {
        return new ExpositionParser(worker, exposition).parse();
    }

    private Snapshot parse() {
        scanner.requireFinalLineFeed();
        while (scanner.hasMore()) {
            scanner.skipBlanks();
            if (scanner.take('#')) {
                comment();
            } else if (scanner.peek() == '\n') {
                scanner.endLine();
            } else {
                sample();
            }
        }
        List<Part> parts = new ArrayList<>();
        for (Draft draft : drafts.values()) {
            if (draft.samples.size() > 0) {
                MetricType type = draft.type == null ? MetricType.UNTYPED : draft.type;
                Family family = Family.shared(draft.name, type, draft.help == null ? "" : draft.help);
                parts.add(new Part(family, draft.samples.toByteArray()));
            }
        }
        return new Snapshot(List.copyOf(parts), series.size());
    }

    private void comment() {
        scanner.skipBlanks();
        scanner.word();
        switch (scanner.token()) {
            case "HELP" -> help();
            case "TYPE" -> type();
            default -> scanner.skipLine();
        }
    }

    private void help() {
        Draft draft = announced("HELP");
        if (draft.help != null) {
            throw scanner.refusal("HELP for " + draft.name + " comes twice");
        }
        scanner.restOfLine(MAX_HELP);
        draft.help = scanner.text(scanner.start, scanner.end);
        scanner.endLine();
    }

    private void type() {
        Draft draft = announced("TYPE");
        if (draft.type != null) {
            throw scanner.refusal("TYPE for " + draft.name + " comes twice");
        }
        scanner.word();
        MetricType type = MetricType.of(scanner.token())
                .orElseThrow(() -> scanner.refusal("a TYPE is counter, gauge, histogram, summary or untyped"));
        draft.type = type;
        if (!type.suffixes().isEmpty()) {
            boolean isHistogram = type == MetricType.HISTOGRAM;
            slots.put(draft.name, slot(draft, draft.name, isHistogram ? null : "quantile", isHistogram));
        }
        for (String suffix : type.suffixes()) {
            String name = draft.name + suffix;
            if (slots.putIfAbsent(name, slot(draft, name, "_bucket".equals(suffix) ? "le" : null, false)) != null) {
                throw scanner.refusal(name + " belongs to two families");
            }
        }
        scanner.endLine();
    }

    /** The family of a HELP or TYPE line, which comes before the family's samples. */
    private Draft announced(String keyword) {
        scanner.skipBlanks();
        String name = metricName();
        if (!Scanner.isBlank(scanner.peek()) && scanner.peek() != '\n') {
            throw scanner.refusal(keyword + " has a metric name with a character that names do not have");
        }
        scanner.skipBlanks();
        Draft draft = family(name).family();
        if (!draft.name.equals(name)) {
            throw scanner.refusal(name + " belongs to two families");
        }
        if (draft.samples.size() > 0) {
            throw scanner.refusal(keyword + " for " + name + " comes after its samples");
        }
        return draft;
    }

    private String metricName() {
        scanner.metricName(MAX_NAME);
        String name = scanner.token();
        for (String prefix : RESERVED) {
            if (name.startsWith(prefix)) {
                throw scanner.refusal("names that begin with " + prefix + " are the server's own");
            }
        }
        return name;
    }

    private Slot family(String name) {
        return slots.computeIfAbsent(name, own -> {
            Draft draft = new Draft(own);
            drafts.put(own, draft);
            return slot(draft, own, null, false);
        });
    }

    private Slot slot(Draft family, String name, String number, boolean isBare) {
        byte[] label = number == null ? null : number.getBytes(StandardCharsets.US_ASCII);
        return new Slot(family, (name + workerLabel).getBytes(StandardCharsets.US_ASCII), label, isBare);
    }

    private void sample() {
        Slot slot = family(metricName());
        scanner.skipBlanks();
        labels.read();
        check(slot);
        Lines lines = slot.family().samples;
        int from = lines.size();
        lines.add(slot.prefix());
        labels.writeTo(lines);
        lines.write('}');
        if (!series.add(lines.since(from))) {
            throw scanner.refusal("the series comes twice (same name, same labels)");
        }
        if (series.size() > MAX_SERIES) {
            throw scanner.refusal("a worker has at most " + MAX_SERIES + " series");
        }
        lines.write(' ');
        scanner.skipBlanks();
        lines.add(scanner.value());
        scanner.skipBlanks();
        if (scanner.peek() != '\n') {
            lines.write(' ');
            lines.add(scanner.timestamp());
        }
        lines.write('\n');
        scanner.endLine();
    }

    private void check(Slot slot) {
        if (slot.isBare()) {
            throw scanner.refusal("the histogram " + slot.family().name + " takes only _bucket, _sum and _count");
        }
        if (slot.number() != null && !labels.hasNumber(slot.number())) {
            throw scanner.refusal("the sample lacks the label " + new String(slot.number(), StandardCharsets.US_ASCII)
                    + " with a number in it");
        }
    }
}

package io.lyftdata.telemetry;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Reads another program's Prometheus text (0.0.4, and what OpenMetrics adds to a line) and marks every series with
 * {@code scrape="HOST:PORT/PATH"}, so that no two endpoints' series meet; a label {@code scrape} of the program's own
 * becomes {@code exported_scrape}. Time stamps and exemplars are left out: the samples are of the time of the scrape.
 */
final class ExpositionParser {
    private static final Set<String> TYPES = Set.of("counter", "gauge", "histogram", "summary", "untyped");
    private static final Pattern NUMBER =
            Pattern.compile("[+-]?(?:(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?|[iI]nf|NaN)");
    private static final Pattern RESERVED = Pattern.compile("lyftdata_(?:worker|server)_.*");
    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x1F&&[^\\n\\t]]|[\\uD800-\\uDFFF]");
    private static final int MAX_LABELS = 63;
    private static final int MAX_HELP = 1000;
    private static final int MAX_NAME = 240;
    private static final int MAX_VALUE = 2000;
    private static final String SCRAPE = "scrape";

    private final String target;
    private final Exposition exposition = new Exposition();
    private final Map<String, String> types = new HashMap<>();
    private final Map<String, String> helps = new HashMap<>();
    private final Set<String> reserved = new HashSet<>();
    private String line = "";
    private int at;

    ExpositionParser(String target) {
        this.target = target;
    }

    /** @throws IOException whose message names the first line that is no sample and no comment */
    Exposition parse(String text) throws IOException {
        int number = 0;
        for (String next : text.split("\n", -1)) {
            number++;
            line = next.strip();
            at = 0;
            if (line.startsWith("#")) {
                comment();
            } else if (!line.isEmpty()) {
                try {
                    sample();
                } catch (BadLine e) {
                    throw new IOException("line " + number + " " + e.getMessage(), e);
                }
            }
        }
        return exposition;
    }

    /** How many families were left out because their names are the product's own. */
    int reserved() {
        return reserved.size();
    }

    private static final class BadLine extends Exception {
        private static final long serialVersionUID = 1L;

        BadLine(String sentence) {
            super(sentence, null, false, false);
        }
    }

    private void comment() {
        String[] parts = line.split("[ \t]+", 4);
        if (parts.length == 4 && parts[1].equals("TYPE")) {
            types.putIfAbsent(parts[2], TYPES.contains(parts[3]) ? parts[3] : "untyped");
        } else if (parts.length == 4 && parts[1].equals("HELP")) {
            String help = unescape(parts[3].substring(0, Math.min(MAX_HELP, parts[3].length())));
            helps.putIfAbsent(parts[2], CONTROL.matcher(help).replaceAll(" "));
        }
    }

    private void sample() throws BadLine {
        String name = name(true);
        skipBlanks();
        Map<String, String> labels = at < line.length() && line.charAt(at) == '{' ? labels() : new TreeMap<>();
        skipBlanks();
        String value = line.substring(at).split("[ \t]", 2)[0];
        if (!isNumber(value)) {
            throw new BadLine("has no number behind the name of the series");
        }
        String family = family(name);
        if (RESERVED.matcher(name).matches() || RESERVED.matcher(family).matches()) {
            reserved.add(family);
            return;
        }
        mark(labels);
        boolean counts = !types.containsKey(family) && name.equals(family) && name.endsWith("_total");
        String base = counts ? name.substring(0, name.length() - "_total".length()) : family;
        String type = types.getOrDefault(base, "untyped");
        checkBounds(name, family, type, labels);
        if (exposition.conflicts(family, type)) {
            throw new BadLine("has a name that belongs to two families");
        }
        if (!exposition
                .family(family, type, helps.getOrDefault(base, ""))
                .add(name, labels, value.replace("inf", "Inf"))) {
            throw new BadLine("repeats a series");
        }
    }

    /** Infinite by its name only: a reader refuses the whole text for one 1e999. */
    private static boolean isNumber(String text) {
        return text.length() <= 64
                && NUMBER.matcher(text).matches()
                && (text.matches(".*(?:[iI]nf|NaN)") || Double.isFinite(Double.parseDouble(text)));
    }

    private static void checkBounds(String name, String family, String type, Map<String, String> labels)
            throws BadLine {
        boolean bare = name.equals(family);
        if (bare && type.equals("histogram")) {
            throw new BadLine("is of a histogram and has none of the names _bucket, _sum and _count");
        }
        String needed = name.equals(family + "_bucket") && type.equals("histogram")
                ? "le"
                : bare && type.equals("summary") ? "quantile" : "";
        if (!needed.isEmpty() && !isNumber(labels.getOrDefault(needed, ""))) {
            throw new BadLine("lacks the label " + needed + " with a number in it");
        }
        if (labels.size() > MAX_LABELS) {
            throw new BadLine("has more than " + MAX_LABELS + " labels");
        }
    }

    private void mark(Map<String, String> labels) {
        String own = labels.remove(SCRAPE);
        if (own != null) {
            String exported = "exported_" + SCRAPE;
            while (labels.containsKey(exported)) {
                exported = "exported_" + exported;
            }
            labels.put(exported, own);
        }
        labels.put(SCRAPE, target);
    }

    private String family(String name) {
        if (!types.containsKey(name)) {
            for (String suffix : new String[] {"_bucket", "_sum", "_count"}) {
                String base = name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) : "";
                String type = types.getOrDefault(base, "");
                if (type.equals("histogram") || (type.equals("summary") && !suffix.equals("_bucket"))) {
                    return base;
                }
            }
        }
        return name;
    }

    private Map<String, String> labels() throws BadLine {
        Map<String, String> labels = new TreeMap<>();
        at++;
        while (true) {
            skipBlanks();
            if (next() == '}') {
                at++;
                labels.values().removeIf(String::isEmpty);
                return labels;
            }
            String name = name(false);
            skipBlanks();
            expect('=');
            skipBlanks();
            expect('"');
            String value = quoted();
            if (labels.put(name, value) != null) {
                throw new BadLine("has a label twice");
            }
            skipBlanks();
            if (next() != '}') {
                expect(',');
            }
        }
    }

    private String quoted() throws BadLine {
        int start = at;
        while (next() != '"') {
            at += next() == '\\' ? 2 : 1;
        }
        if (at - start > MAX_VALUE) {
            throw new BadLine("has a label longer than " + MAX_VALUE + " characters");
        }
        String value = unescape(line.substring(start, at++));
        if (CONTROL.matcher(value).find()) {
            throw new BadLine("has a control character in a label");
        }
        return value;
    }

    private String name(boolean ofMetric) throws BadLine {
        int start = at;
        while (at < line.length() && isNameCharacter(line.charAt(at), ofMetric, at > start)) {
            at++;
        }
        if (at == start) {
            throw new BadLine(
                    ofMetric ? "does not begin with the name of a metric" : "has no label's name in its braces");
        }
        String name = line.substring(start, at);
        if (at - start > MAX_NAME || name.equals("__name__")) {
            throw new BadLine("has a name that is too long or reserved");
        }
        return name;
    }

    private static boolean isNameCharacter(char c, boolean ofMetric, boolean inside) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || c == '_'
                || (c == ':' && ofMetric)
                || (c >= '0' && c <= '9' && inside);
    }

    private char next() throws BadLine {
        if (at >= line.length()) {
            throw new BadLine("ends before its labels do");
        }
        return line.charAt(at);
    }

    private void expect(char wanted) throws BadLine {
        if (next() != wanted) {
            throw new BadLine("lacks a " + wanted + " in its labels");
        }
        at++;
    }

    private void skipBlanks() {
        while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t')) {
            at++;
        }
    }

    private static String unescape(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            char escaped = c == '\\' && i + 1 < text.length() ? text.charAt(i + 1) : 0;
            if (escaped == '\\' || escaped == '"' || escaped == 'n') {
                plain.append(escaped == 'n' ? '\n' : escaped);
                i++;
            } else {
                plain.append(c);
            }
        }
        return plain.toString();
    }
}

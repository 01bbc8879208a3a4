package io.lyftdata.metrics;

import io.lyftdata.metrics.Election.Group;
import io.lyftdata.metrics.Snapshot.Part;
import io.lyftdata.metrics.WorkerMetrics.Kept;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * One valid exposition (text format 0.0.4) of many workers: each family once, its samples together, below what the
 * server knows of each worker. A family that the {@link Election} does not show is left out and counted.
 */
final class FleetExposition {
    private static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    private static final int BUFFER = 1 << 16;

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
        Election election = new Election(
                sources.stream().map(source -> source.kept().snapshot()).toList());
        Map<String, Integer> leftOut = new TreeMap<>();
        Set<String> fresh = new HashSet<>();
        for (Source source : sources) {
            fresh.add(source.worker());
            int families = election.leftOut(source.kept().snapshot()).size();
            if (families > 0) {
                leftOut.put(source.worker(), families);
            }
        }
        WorkerFamilies.write(fleet, fresh, leftOut, out);
        for (Group group : election.shown()) {
            out.write(head(group.kind().name(), group.kind().type(), group.help()));
            for (Part part : group.parts()) {
                part.writeTo(out);
            }
        }
        out.flush();
    }

    /** The lines above a family's samples. */
    static byte[] head(String name, MetricType type, String help) {
        String helpLine = help.isEmpty() ? "" : "# HELP " + name + " " + help + "\n";
        return (helpLine + "# TYPE " + name + " " + type.text() + "\n").getBytes(StandardCharsets.UTF_8);
    }
}

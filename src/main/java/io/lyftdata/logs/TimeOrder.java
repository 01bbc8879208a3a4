package io.lyftdata.logs;

import io.lyftdata.api.Times;
import io.lyftdata.logs.DayReader.Found;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Of all lines that are offered, the first ones by time that are behind the query's cursor: as many as its limit, but no
 * more than fit into memory that a reader may take. For one thread.
 */
final class TimeOrder {
    private static final int MOST_BYTES = 16 << 20;

    /** Lines of the same time stand in the order of arrival. */
    private record Place(String time, long sequence, int line) implements Comparable<Place> {
        private static final Comparator<Place> ORDER =
                Comparator.comparing(Place::time).thenComparing(Place::sequence).thenComparing(Place::line);

        @Override
        public int compareTo(Place other) {
            return ORDER.compare(this, other);
        }

        private long millis() {
            return Times.parse(time).orElseThrow().toEpochMilli();
        }
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Line(byte[] text, byte[] workerPart) {}

    private final long store;
    private final LogQuery query;
    private final Optional<Place> begin;
    private final TreeMap<Place, Line> kept = new TreeMap<>();
    private int bytes;
    /** Whether lines were left out, so that all behind the last one are. */
    private boolean isFull;

    TimeOrder(long store, LogQuery query) {
        this.store = store;
        this.query = query;
        this.begin = query.cursor().map(TimeOrder::place);
    }

    private static Place place(Cursor cursor) {
        String time = Times.format(Instant.ofEpochMilli(cursor.time().orElseThrow()));
        return new Place(time, cursor.sequence(), cursor.line());
    }

    /** @param number of the line in the chunk; it stands between two positions of the chunk's lines */
    void offer(Found chunk, int number, byte[] lines, int from, int to) {
        Place place = new Place(StoredLine.time(lines, from), chunk.sequence(), number);
        boolean isPast = begin.filter(last -> place.compareTo(last) <= 0).isPresent();
        if (isPast || (isFull && place.compareTo(kept.lastKey()) > 0)) {
            return;
        }
        kept.put(place, new Line(Arrays.copyOfRange(lines, from, to), chunk.workerPart()));
        bytes += to - from;
        while (kept.size() > query.limit() || (bytes > MOST_BYTES && kept.size() > 1)) {
            bytes -= kept.pollLastEntry().getValue().text().length;
            isFull = true;
        }
    }

    /** What is later, epoch milliseconds, need not be offered any more. */
    long latest() {
        return isFull ? Math.min(query.end(), kept.lastKey().millis()) : query.end();
    }

    void writeTo(OutputStream out) throws IOException {
        for (Map.Entry<Place, Line> entry : kept.entrySet()) {
            Place place = entry.getKey();
            byte[] text = entry.getValue().text();
            Cursor cursor = new Cursor(store, place.sequence(), place.line(), Optional.of(place.millis()));
            StoredLine.complete(text, 0, text.length, entry.getValue().workerPart(), cursor.text(), out);
        }
    }
}

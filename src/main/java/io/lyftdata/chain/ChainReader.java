package io.lyftdata.chain;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lyftdata.api.Code;
import io.lyftdata.api.Page;
import io.lyftdata.api.Refusal;
import io.lyftdata.api.audit.Entry;
import io.lyftdata.api.audit.Entry.Change;
import io.lyftdata.audit.AuditRecord;
import io.lyftdata.db.Database;
import io.lyftdata.db.Paging;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lists records; safe for use by many threads. */
public final class ChainReader {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PLACE = Pattern.compile("(\\d{1,15}), (\\d{1,15})");
    private static final TypeReference<Map<String, Change>> DIFFERENCE = new TypeReference<>() {};

    private final Database database;

    public ChainReader(Database database) {
        this.database = database;
    }

    /** The newest first, by time and then by position. */
    Page<Entry> newest(Filter filter, Paging paging) {
        String where = filter.where()
                + (paging.after().isEmpty() ? "" : " AND (time, position) < (" + Place.of(paging.after()) + ")");
        List<AuditRecord> found =
                database.read(tx -> tx.attach(ChainDao.class).newest(where, filter, paging.limit() + 1));
        Page<AuditRecord> page = paging.page(found, record -> new Place(record).toString());
        return new Page<>(page.items().stream().map(ChainReader::entry).toList(), page.next());
    }

    /**
     * Of the next records behind a position, as many as the limit, those that match, oldest first.
     *
     * @return with the last position that was looked at, from where to go on; null when there is none behind it
     */
    Page<Entry> behind(long after, Filter filter, int limit) {
        return database.read(tx -> {
            ChainDao dao = tx.attach(ChainDao.class);
            Optional<Long> end = dao.end(after, limit);
            List<Entry> matching = end.stream()
                    .flatMap(last -> dao.between(filter.where(), filter, after + 1, last).stream())
                    .map(ChainReader::entry)
                    .toList();
            return new Page<>(matching, end.map(String::valueOf).orElse(null));
        });
    }

    /** Where a page ended; as text the two numbers, which are SQL as they stand. */
    private record Place(long time, long position) {
        private Place(AuditRecord record) {
            this(record.time().toEpochMilli(), record.position());
        }

        private static Place of(String text) {
            Matcher place = PLACE.matcher(text);
            if (!place.matches()) {
                throw new Refusal(Code.UNPROCESSABLE, "cursor must be the next of an earlier page");
            }
            return new Place(Long.parseLong(place.group(1)), Long.parseLong(place.group(2)));
        }

        @Override
        public String toString() {
            return time + ", " + position;
        }
    }

    private static Entry entry(AuditRecord record) {
        return new Entry(
                record.position(),
                record.segment(),
                record.time(),
                record.action(),
                record.actorKind(),
                record.actor(),
                record.keyId(),
                record.address(),
                record.proxy(),
                record.requestId(),
                record.subject(),
                difference(record.difference()),
                record.outcome(),
                record.count(),
                record.ledger(),
                record.previous(),
                record.hash());
    }

    /** A record that somebody damaged is shown all the same. */
    private static Map<String, Change> difference(String json) {
        try {
            return JSON.readValue(json, DIFFERENCE);
        } catch (JsonProcessingException e) {
            return Map.of("unreadable", new Change(null, json));
        }
    }
}

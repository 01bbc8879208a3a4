package io.lyftdata.allowlist;

import io.lyftdata.db.Database;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** When each entry last let somebody in, to the day; a database that does not take it lets them in all the same. */
public final class AllowlistUse implements Consumer<Allowlist.Entry> {
    private static final Logger LOG = LoggerFactory.getLogger(AllowlistUse.class);
    private static final Duration PRECISION = Duration.ofDays(1);

    private final Database database;
    private final Clock clock;
    private final Map<String, Instant> noted = new ConcurrentHashMap<>();

    public AllowlistUse(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    @RegisterConstructorMapper(Dao.Row.class)
    interface Dao {
        record Row(String entry, Instant usedAt) {}

        @SqlQuery("SELECT * FROM allowlist_use")
        List<Row> all();

        @SqlUpdate("""
                INSERT INTO allowlist_use (entry, used_at) VALUES (:entry, :now)
                ON CONFLICT (entry) DO UPDATE SET used_at = excluded.used_at
                """)
        void put(String entry, Instant now);
    }

    @Override
    public void accept(Allowlist.Entry entry) {
        Instant now = clock.instant();
        Instant last = noted.get(entry.text());
        if (last == null || last.plus(PRECISION).isBefore(now)) {
            noted.put(entry.text(), now);
            try {
                database.write(tx -> {
                    tx.attach(Dao.class).put(entry.text(), now);
                    return null;
                });
            } catch (RuntimeException e) {
                LOG.warn("it could not be noted that the allowlist's entry {} was used", entry.text(), e);
            }
        }
    }

    /** By the entry's text; an entry that never let anybody in is not there. */
    Map<String, Instant> last() {
        return database.read(tx -> tx.attach(Dao.class).all()).stream()
                .collect(Collectors.toMap(Dao.Row::entry, Dao.Row::usedAt));
    }
}

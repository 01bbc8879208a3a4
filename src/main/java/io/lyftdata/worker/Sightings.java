package io.lyftdata.worker;

import com.google.common.collect.Lists;
import io.lyftdata.db.Database;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;

/**
 * When and how each worker was last seen. A first contact, and a worker that says something else of itself than before,
 * are on disk before the answer; when it was last seen is in memory, and on disk within seconds: after a crash a worker
 * shows an older time, and nothing else is lost. Safe for use by many threads.
 */
public final class Sightings {
    /** So that no write that is waited for has to wait long. */
    private static final int ROWS_A_WRITE = 500;

    private final Database database;
    private final Map<String, Seen> all = new ConcurrentHashMap<>();

    /** A worker's newest sighting since this server's start, and the one that is known to be on disk; null: none. */
    private static final class Seen {
        private volatile Sighting newest;
        private volatile Sighting stored;

        private Seen(Sighting stored) {
            this.stored = stored;
        }

        private boolean isDue() {
            return newest != null && !newest.equals(stored);
        }
    }

    public Sightings(Database database) {
        this.database = database;
    }

    /** Takes in what is on disk, so that a fleet that comes back costs no query for each worker. */
    public void load() {
        synchronized (all) {
            List<Sighting> stored =
                    database.read(tx -> tx.attach(SightingDao.class).all());
            stored.forEach(sighting -> all.putIfAbsent(sighting.workerId(), new Seen(sighting)));
        }
    }

    /** Takes what a worker has said; on return what must not be lost is on disk. */
    public void see(Sighting sighting) {
        Seen seen = all.get(sighting.workerId());
        if (seen == null) {
            Seen known = new Seen(stored(sighting.workerId()));
            Seen other = all.putIfAbsent(sighting.workerId(), known);
            seen = other == null ? known : other;
        }
        seen.newest = sighting;
        if (!sighting.saysTheSameAs(seen.stored)) {
            store(List.of(seen));
        }
    }

    private Sighting stored(String workerId) {
        return database.read(tx -> tx.attach(SightingDao.class).find(workerId).orElse(null));
    }

    /** Whatever is the newest when the writer comes to it, so that no older one follows it. */
    private void store(List<Seen> some) {
        List<Sighting> newest = database.write(tx -> put(tx, some));
        for (int i = 0; i < newest.size(); i++) {
            some.get(i).stored = newest.get(i);
        }
    }

    private static List<Sighting> put(Handle tx, List<Seen> some) {
        List<Sighting> newest = some.stream().map(seen -> seen.newest).toList();
        tx.attach(SightingDao.class).put(newest);
        return newest;
    }

    /** Brings to disk what is only in memory. */
    public void flush() {
        List<Seen> due = all.values().stream().filter(Seen::isDue).toList();
        Lists.partition(due, ROWS_A_WRITE).forEach(this::store);
    }

    /** The worker's newest; empty when it has not been seen since this server's start. */
    public Optional<Sighting> newest(String workerId) {
        return Optional.ofNullable(all.get(workerId)).map(seen -> seen.newest);
    }

    /** Within the caller's transaction: the worker was never seen. */
    void forget(Handle tx, String workerId) {
        tx.attach(SightingDao.class).forget(workerId);
        tx.afterCommit(() -> {
            synchronized (all) {
                all.remove(workerId);
            }
        });
    }
}

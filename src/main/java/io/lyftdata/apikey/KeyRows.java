package io.lyftdata.apikey;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;

/**
 * Keys' rows in memory, so that a call needs no query: never older than the last change that {@link #change} was told of
 * and whose caller has its answer. Nothing is judged here; a row that is kept lives no longer for it. Safe for use by
 * many threads.
 */
final class KeyRows {
    private static final int MOST = 200_000;
    private static final int GROUPS = 1 << 14;

    private final Cache<String, Kept> kept =
            Caffeine.newBuilder().maximumSize(MOST).build();
    /** How often a row of the group's workers has changed. */
    private final AtomicLongArray changes = new AtomicLongArray(GROUPS);
    /** Counts each change, of whichever row, before its group does. */
    private final AtomicLong begun = new AtomicLong();

    /** @param change how often the group's rows had changed before it was read */
    private record Kept(ApiKey row, long change) {}

    private static int group(String workerId) {
        return workerId.hashCode() & (GROUPS - 1);
    }

    /** The row with that id. */
    Optional<ApiKey> find(String id, Supplier<Optional<ApiKey>> read) {
        Kept known = kept.getIfPresent(id);
        if (known == null) {
            return findUnknown(id, read);
        }
        long change = changes.get(group(known.row.workerId()));
        return known.change == change ? Optional.of(known.row) : keep(id, read.get(), change);
    }

    /** Whose it is only the row itself says: it is read once more if any has changed meanwhile. */
    private Optional<ApiKey> findUnknown(String id, Supplier<Optional<ApiKey>> read) {
        long before = begun.get();
        Optional<ApiKey> row = read.get();
        if (row.isEmpty()) {
            return row;
        }
        long change = changes.get(group(row.get().workerId()));
        return keep(id, begun.get() == before ? row : read.get(), change);
    }

    private Optional<ApiKey> keep(String id, Optional<ApiKey> row, long change) {
        row.ifPresent(it -> kept.put(id, new Kept(it, change)));
        return row;
    }

    /** Takes in many rows at once. */
    void load(Supplier<List<ApiKey>> read) {
        long[] before = IntStream.range(0, GROUPS).mapToLong(changes::get).toArray();
        read.get().forEach(row -> kept.put(row.id(), new Kept(row, before[group(row.workerId())])));
    }

    /** A row of the worker's changes within the caller's transaction. */
    void change(Handle tx, String workerId) {
        tx.afterCommit(() -> {
            begun.incrementAndGet();
            changes.incrementAndGet(group(workerId));
        });
    }

    /** Rows of any worker change within the caller's transaction. */
    void changeAll(Handle tx) {
        tx.afterCommit(() -> {
            begun.incrementAndGet();
            for (int group = 0; group < GROUPS; group++) {
                changes.incrementAndGet(group);
            }
        });
    }
}

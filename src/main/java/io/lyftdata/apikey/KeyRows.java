package io.lyftdata.apikey;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Supplier;
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

    /** @param change how often the group's rows had changed before it was read */
    private record Kept(ApiKey row, long change) {}

    private static int group(String workerId) {
        return workerId.hashCode() & (GROUPS - 1);
    }

    /** The row with that id. */
    Optional<ApiKey> find(String id, Supplier<Optional<ApiKey>> read) {
        Kept known = kept.getIfPresent(id);
        if (known != null && known.change == changes.get(group(known.row.workerId()))) {
            return Optional.of(known.row);
        }
        Optional<String> worker = known == null ? read.get().map(ApiKey::workerId) : Optional.of(known.row.workerId());
        if (worker.isEmpty()) {
            return Optional.empty();
        }
        long change = changes.get(group(worker.get()));
        Optional<ApiKey> row = read.get();
        row.ifPresent(it -> kept.put(id, new Kept(it, change)));
        return row;
    }

    /** A row of the worker's changes within the caller's transaction. */
    void change(Handle tx, String workerId) {
        tx.afterCommit(() -> changes.incrementAndGet(group(workerId)));
    }

    /** Rows of any worker change within the caller's transaction. */
    void changeAll(Handle tx) {
        tx.afterCommit(() -> {
            for (int group = 0; group < GROUPS; group++) {
                changes.incrementAndGet(group);
            }
        });
    }
}

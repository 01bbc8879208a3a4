package io.lyftdata.token;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/**
 * Tokens' rows in memory, so that a call needs no query: never older than the last change that {@link #change} was told of
 * and whose caller has its answer. Nothing is judged here. Safe for use by many threads.
 */
final class TokenRows {
    private static final int MOST = 10_000;

    /** Replaced, and not emptied: whoever read a row before a change puts it into the map of then. */
    private volatile Map<String, Token> known = new ConcurrentHashMap<>();

    Optional<Token> find(String id, Supplier<Optional<Token>> read) {
        Map<String, Token> rows = known;
        Token row = rows.get(id);
        if (row != null) {
            return Optional.of(row);
        }
        Optional<Token> found = read.get();
        if (rows.size() < MOST) {
            found.ifPresent(token -> rows.put(id, token));
        }
        return found;
    }

    /** A row changes within the caller's transaction. */
    void change(Handle tx) {
        tx.afterCommit(() -> known = new ConcurrentHashMap<>());
    }
}

package io.lyftdata.db;

import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/**
 * The control database. What {@link #write} returned is on disk; a write that throws has changed nothing. Safe for use
 * by many threads; there is one writer at a time, and readers never wait for it.
 */
public final class Database {
    private final Jdbi writer;
    private final Jdbi reader;

    Database(Jdbi writer, Jdbi reader) {
        this.writer = writer;
        this.reader = reader;
    }

    /** Runs in one transaction that sees its own writes and is committed, durably, on return. */
    public <T> T write(Function<Handle, T> work) {
        return writer.inTransaction(TransactionIsolationLevel.UNKNOWN, work::apply);
    }

    /** Runs on a connection that refuses writes; each statement sees what was committed before it. */
    public <T> T read(Function<Handle, T> work) {
        return reader.withHandle(work::apply);
    }
}

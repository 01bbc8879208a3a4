package io.lyftdata.db;

import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.sqlobject.SqlObjectPlugin;

/**
 * The control database. What {@link #write} returned is on disk; a write that throws has changed nothing. Safe for use
 * by many threads; there is one writer at a time, and readers never wait for it.
 */
public final class Database {
    private final DataSource readers;
    private final GroupCommit writer;
    private final Supplier<Jdbi> reader;
    private final Optional<Reserve> reserve;
    private volatile boolean hasFailed;
    private volatile Runnable onFailure = () -> {};

    /** Jdbi is loaded at the first call that needs it: a server's start needs none of it, and would wait for it. */
    Database(DataSource writers, DataSource readers) {
        this(
                readers,
                new GroupCommit(Suppliers.memoize(() -> jdbi(writers))),
                Suppliers.memoize(() -> jdbi(readers)),
                Optional.empty());
    }

    private Database(DataSource readers, GroupCommit writer, Supplier<Jdbi> reader, Optional<Reserve> reserve) {
        this.readers = readers;
        this.writer = writer;
        this.reader = reader;
        this.reserve = reserve;
    }

    /** The same, which writes into the reserve when the disk is full. */
    public Database fallingBackOn(Reserve space) {
        return new Database(readers, writer, reader, Optional.of(space));
    }

    private static Jdbi jdbi(DataSource source) {
        Jdbi jdbi = Jdbi.create(source).installPlugin(new SqlObjectPlugin());
        Columns.register(jdbi);
        KnownDaos.register(jdbi);
        return jdbi;
    }

    /**
     * Runs in one transaction that sees its own writes and is committed, durably, on return, together with others that
     * came at the same time. The work may run on another caller's thread, with this one's logging context, so it must not
     * wait for a lock that its caller holds, nor write by another call of this. When the disk was full it runs once
     * more.
     */
    public <T> T write(Function<Handle, T> work) {
        for (int attempt = 1; ; attempt++) {
            if (hasFailed) {
                throw new IllegalStateException("the database takes no more writes since an fsync failed");
            }
            try {
                return writer.write(work);
            } catch (RuntimeException e) {
                endIfUnsure(e);
                if (attempt > Reserve.ATTEMPTS
                        || !isFull(e)
                        || !reserve.map(Reserve::release).orElse(false)) {
                    throw e;
                }
            }
        }
    }

    /** What is done once, when an fsync of SQLite's has failed: nobody knows then what the disk holds. */
    public void whenFailed(Runnable action) {
        onFailure = action;
    }

    private void endIfUnsure(Throwable error) {
        if (is(error, SqliteFile::isUnsure) && !hasFailed) {
            hasFailed = true;
            onFailure.run();
        }
    }

    private static boolean isFull(Throwable error) {
        return is(error, SqliteFile::isFull);
    }

    private static boolean is(Throwable error, Predicate<SQLException> kind) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && kind.test(sql)) {
                return true;
            }
        }
        return false;
    }

    /** Runs on a connection that refuses writes; each statement sees what was committed before it. */
    public <T> T read(Function<Handle, T> work) {
        return reader.get().withHandle(work::apply);
    }

    /** Whether the query finds a row; asked without Jdbi, for what a server must know before it serves. */
    public boolean finds(String query, String... values) {
        return first(query, values).isPresent();
    }

    /** The first row's first column as text; asked without Jdbi, for what a server must know before it serves. */
    public Optional<String> first(String query, String... values) {
        try (Connection connection = readers.getConnection();
                PreparedStatement statement = connection.prepareStatement(query)) {
            for (int i = 0; i < values.length; i++) {
                statement.setString(i + 1, values[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the database did not answer", e);
        }
    }
}

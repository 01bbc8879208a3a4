package io.lyftdata.metrics;

import io.lyftdata.db.SqliteFile;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig.SynchronousMode;

/**
 * The newest exposition of each worker on disk: what was saved survives the process, and the machine but for the last
 * moments, which the next interval brings back. A damaged file is dropped with a warning. For one thread at a time.
 */
final class SnapshotFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotFile.class);
    private static final String SCHEMA = """
            CREATE TABLE IF NOT EXISTS snapshot (
                worker TEXT PRIMARY KEY,
                first_at INTEGER NOT NULL,
                at INTEGER NOT NULL,
                exposition BLOB NOT NULL
            )""";
    private static final String PUT = """
            INSERT INTO snapshot (worker, first_at, at, exposition) VALUES (?, ?, ?, ?)
            ON CONFLICT (worker) DO UPDATE SET at = excluded.at, exposition = excluded.exposition""";

    /**
     * A worker's metrics. The array is not copied: nobody changes it.
     *
     * @param firstAt when its metrics were first seen, epoch milliseconds
     * @param at when these arrived, epoch milliseconds
     * @param exposition as it was sent, in gzip (RFC 1952)
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Row(long firstAt, long at, byte[] exposition) {}

    private final Connection connection;
    private final PreparedStatement put;
    private final PreparedStatement delete;

    private SnapshotFile(Connection connection) throws SQLException {
        this.connection = connection;
        put = connection.prepareStatement(PUT);
        delete = connection.prepareStatement("DELETE FROM snapshot WHERE worker = ?");
    }

    /** Opens the file and hands over what it holds. */
    static SnapshotFile open(Path file, BiConsumer<String, Row> row) throws SQLException, IOException {
        try {
            return read(file, row);
        } catch (SQLException e) {
            if (!SqliteFile.isDamaged(e)) {
                throw e;
            }
        }
        LOG.warn("{} was damaged and has been dropped; the workers' next metrics fill it again", file);
        SqliteFile.delete(file);
        return read(file, row);
    }

    private static SnapshotFile read(Path file, BiConsumer<String, Row> row) throws SQLException {
        Connection connection = SqliteFile.open(file, SynchronousMode.NORMAL);
        try (Statement statement = connection.createStatement()) {
            statement.execute(SCHEMA);
            try (ResultSet rows = statement.executeQuery("SELECT worker, first_at, at, exposition FROM snapshot")) {
                while (rows.next()) {
                    row.accept(rows.getString(1), new Row(rows.getLong(2), rows.getLong(3), rows.getBytes(4)));
                }
            }
            connection.setAutoCommit(false);
            return new SnapshotFile(connection);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Replaces the rows of these workers, and deletes those of the workers without one: all, or nothing. */
    void save(Map<String, Optional<Row>> rows) throws SQLException {
        try {
            for (Map.Entry<String, Optional<Row>> row : rows.entrySet()) {
                if (row.getValue().isPresent()) {
                    put(row.getKey(), row.getValue().get());
                } else {
                    delete.setString(1, row.getKey());
                    delete.executeUpdate();
                }
            }
            connection.commit();
        } catch (SQLException e) {
            rollBack(e);
            throw e;
        }
    }

    private void rollBack(SQLException cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private void put(String worker, Row row) throws SQLException {
        put.setString(1, worker);
        put.setLong(2, row.firstAt());
        put.setLong(3, row.at());
        put.setBytes(4, row.exposition());
        put.executeUpdate();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}

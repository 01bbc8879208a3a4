package io.lyftdata.metrics;

import io.lyftdata.db.SqliteFile;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig.SynchronousMode;

/**
 * The newest exposition of each worker on disk: what was put survives the process, and the machine but for the last
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

    /** What takes a row: gzip of the exposition as it was sent, and epoch milliseconds. */
    interface Row {
        void take(String worker, long firstAt, long at, byte[] exposition);
    }

    private final Connection connection;
    private final PreparedStatement put;
    private final PreparedStatement delete;

    private SnapshotFile(Connection connection) throws SQLException {
        this.connection = connection;
        put = connection.prepareStatement(PUT);
        delete = connection.prepareStatement("DELETE FROM snapshot WHERE worker = ?");
    }

    /** Opens the file and hands over what it holds. */
    static SnapshotFile open(Path file, Row row) throws SQLException, IOException {
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

    private static SnapshotFile read(Path file, Row row) throws SQLException {
        Connection connection = SqliteFile.open(file, SynchronousMode.NORMAL);
        try (Statement statement = connection.createStatement()) {
            statement.execute(SCHEMA);
            try (ResultSet rows = statement.executeQuery("SELECT worker, first_at, at, exposition FROM snapshot")) {
                while (rows.next()) {
                    row.take(rows.getString(1), rows.getLong(2), rows.getLong(3), rows.getBytes(4));
                }
            }
            return new SnapshotFile(connection);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    void put(String worker, long at, byte[] exposition) throws SQLException {
        put.setString(1, worker);
        put.setLong(2, at);
        put.setLong(3, at);
        put.setBytes(4, exposition);
        put.executeUpdate();
    }

    void delete(String worker) throws SQLException {
        delete.setString(1, worker);
        delete.executeUpdate();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}

package io.lyftdata.logs;

import io.lyftdata.db.SqliteFile;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.List;
import org.sqlite.SQLiteConfig.SynchronousMode;

/**
 * The file of one day's chunks, to write: what was committed is on disk. No commit does a checkpoint, which
 * {@link LogStore#checkpoint} does, unless that stays out. For one thread at a time.
 */
final class DayFile implements AutoCloseable {
    /**
     * One batch as it is stored. The array is not copied: nobody changes it.
     *
     * @param firstAt the earliest time of a line, epoch milliseconds
     * @param lastAt the latest
     * @param topLevel the most serious level of a line
     * @param lines how many there are
     * @param data gzip (RFC 1952) of as many {@link StoredLine}s
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Chunk(long firstAt, long lastAt, Level topLevel, int lines, byte[] data) {}

    private static final List<String> SCHEMA = List.of(
            """
            CREATE TABLE IF NOT EXISTS chunk (
                seq INTEGER PRIMARY KEY,
                worker TEXT NOT NULL,
                batch BLOB NOT NULL,
                first_at INTEGER NOT NULL,
                last_at INTEGER NOT NULL,
                top_level INTEGER NOT NULL,
                lines INTEGER NOT NULL,
                data BLOB NOT NULL
            )""",
            "CREATE UNIQUE INDEX IF NOT EXISTS chunk_by_batch ON chunk (worker, batch)",
            "CREATE INDEX IF NOT EXISTS chunk_by_worker ON chunk (worker, seq, top_level, first_at, last_at)");
    private static final String INSERT = """
            INSERT INTO chunk (seq, worker, batch, first_at, last_at, top_level, lines, data)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)""";

    private final LocalDate day;
    private final Connection connection;
    private final PreparedStatement insert;
    private final PreparedStatement contains;

    private DayFile(LocalDate day, Connection connection) throws SQLException {
        this.day = day;
        this.connection = connection;
        insert = connection.prepareStatement(INSERT);
        contains = connection.prepareStatement("SELECT 1 FROM chunk WHERE worker = ? AND batch = ?");
    }

    static DayFile open(Path file, LocalDate day) throws SQLException {
        Connection connection = SqliteFile.open(file, SynchronousMode.FULL);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA wal_autocheckpoint = 65536");
            for (String sql : SCHEMA) {
                statement.execute(sql);
            }
            connection.setAutoCommit(false);
            return new DayFile(day, connection);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    LocalDate day() {
        return day;
    }

    /** The largest number in the file, or one below the day's first. */
    long last() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT max(seq) FROM chunk")) {
            long last = row.getLong(1);
            return row.wasNull() ? Sequence.first(day) - 1 : last;
        } finally {
            connection.rollback();
        }
    }

    boolean contains(String worker, byte[] batch) throws SQLException {
        contains.setString(1, worker);
        contains.setBytes(2, batch);
        try (ResultSet row = contains.executeQuery()) {
            return row.next();
        }
    }

    void insert(long sequence, String worker, byte[] batch, Chunk chunk) throws SQLException {
        insert.setLong(1, sequence);
        insert.setString(2, worker);
        insert.setBytes(3, batch);
        insert.setLong(4, chunk.firstAt());
        insert.setLong(5, chunk.lastAt());
        insert.setInt(6, chunk.topLevel().rank());
        insert.setInt(7, chunk.lines());
        insert.setBytes(8, chunk.data());
        insert.executeUpdate();
    }

    void commit() throws SQLException {
        connection.commit();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}

package io.lyftdata.logs;

import io.lyftdata.db.SqliteFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * One day's chunks, to read one at a time. No statement stays open in between, so a slow reader keeps neither the
 * writer nor a checkpoint waiting. For one thread.
 */
final class DayReader implements AutoCloseable {
    private static final String MATCHING = """
            SELECT seq, worker, lines, data FROM chunk %s
            WHERE seq BETWEEN ? AND ? AND top_level >= ? AND last_at >= ? AND first_at <= ?%s
            ORDER BY seq %s LIMIT 1""";

    private static final int UNTIL = 5;

    /** A stored chunk, whose lines are inflated when they are asked for. */
    @SuppressWarnings("ArrayRecordComponent")
    record Found(long sequence, byte[] workerPart, int lines, byte[] data) {
        byte[] inflated() throws IOException {
            try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(data), 1 << 14)) {
                return gzip.readAllBytes();
            }
        }
    }

    private final Connection connection;
    private final PreparedStatement first;
    private final PreparedStatement last;

    private DayReader(Connection connection, LogQuery query) throws SQLException {
        this.connection = connection;
        first = prepare("ASC", query);
        last = prepare("DESC", query);
    }

    static DayReader open(Path file, LogQuery query) throws SQLException {
        Connection connection = SqliteFile.openToRead(file);
        try {
            return new DayReader(connection, query);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private PreparedStatement prepare(String order, LogQuery query) throws SQLException {
        boolean ofOne = query.worker().isPresent();
        PreparedStatement statement = connection.prepareStatement(MATCHING.formatted(
                ofOne ? "INDEXED BY chunk_by_worker" : "NOT INDEXED", ofOne ? " AND worker = ?" : "", order));
        statement.setInt(3, query.level().rank());
        statement.setLong(4, query.begin().toEpochMilli());
        statement.setLong(UNTIL, query.end());
        if (ofOne) {
            statement.setString(6, query.worker().get());
        }
        return statement;
    }

    /** The first chunk in the range that may hold matching lines. */
    Optional<Found> first(long from, long to) throws SQLException {
        return find(first, from, to);
    }

    /** From now on only chunks with a line not later than this, epoch milliseconds, are found by {@link #first}. */
    void until(long latest) throws SQLException {
        first.setLong(UNTIL, latest);
    }

    /** The last one. */
    Optional<Found> last(long from, long to) throws SQLException {
        return find(last, from, to);
    }

    private static Optional<Found> find(PreparedStatement statement, long from, long to) throws SQLException {
        statement.setLong(1, from);
        statement.setLong(2, to);
        try (ResultSet row = statement.executeQuery()) {
            return row.next()
                    ? Optional.of(new Found(
                            row.getLong(1), StoredLine.workerPart(row.getString(2)), row.getInt(3), row.getBytes(4)))
                    : Optional.empty();
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}

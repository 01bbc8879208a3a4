package io.lyftdata.db;

import io.lyftdata.crypto.SecretFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteOpenMode;

/**
 * SQLite files beside the control database, such as telemetry: readable by their owner only, in WAL mode, so that
 * readers never hold up the one writer.
 */
public final class SqliteFile {
    private static final int BUSY_MILLIS = 5000;

    private SqliteFile() {}

    /** To write, and the file is made when it is missing; with FULL a commit is on disk when it returns. */
    public static Connection open(Path file, SynchronousMode synchronous) throws SQLException {
        try {
            SecretFile.createEmpty(file);
        } catch (IOException e) {
            throw new SQLException("cannot make " + file, e);
        }
        SQLiteConfig config = config();
        config.setJournalMode(JournalMode.WAL);
        config.setSynchronous(synchronous);
        return config.createConnection("jdbc:sqlite:" + file);
    }

    /** To read; a missing file is an error and is not made. */
    public static Connection openToRead(Path file) throws SQLException {
        SQLiteConfig config = config();
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        Connection connection = config.createConnection("jdbc:sqlite:" + file);
        try (var statement = connection.createStatement()) {
            statement.execute("PRAGMA query_only = 1");
        }
        return connection;
    }

    private static SQLiteConfig config() {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_MILLIS);
        return config;
    }

    /** Removes the file and what SQLite keeps beside it. */
    public static void delete(Path file) throws IOException {
        for (String suffix : List.of("", "-wal", "-shm")) {
            Files.deleteIfExists(file.resolveSibling(file.getFileName() + suffix));
        }
    }

    /** Whether the error says that the disk is full. */
    public static boolean isFull(SQLException error) {
        return is(error, SQLiteErrorCode.SQLITE_FULL);
    }

    /** Whether the error says that an fsync failed. */
    static boolean isUnsure(SQLException error) {
        return error instanceof SQLiteException sqlite
                && (sqlite.getResultCode() == SQLiteErrorCode.SQLITE_IOERR_FSYNC
                        || sqlite.getResultCode() == SQLiteErrorCode.SQLITE_IOERR_DIR_FSYNC);
    }

    /** Whether the error says that the file is no sound database. */
    public static boolean isDamaged(SQLException error) {
        return is(error, SQLiteErrorCode.SQLITE_CORRUPT) || is(error, SQLiteErrorCode.SQLITE_NOTADB);
    }

    private static boolean is(SQLException error, SQLiteErrorCode primary) {
        return error instanceof SQLiteException sqlite && (sqlite.getResultCode().code & 0xff) == primary.code;
    }
}

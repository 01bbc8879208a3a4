package io.lyftdata.db;

import io.lyftdata.crypto.SecretFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.sqlite.SQLiteConfig;
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
    /** How long a checkpoint waits for readers. */
    private static final int READERS_MILLIS = 20;

    private SqliteFile() {}

    /**
     * To write, and the file is made when it is missing; with FULL a commit is on disk when it returns. A new file has
     * pages of 1 KiB: a commit writes each page that it touches whole, and these rows are short.
     */
    public static Connection open(Path file, SynchronousMode synchronous) throws SQLException {
        try {
            SecretFile.createEmpty(file);
        } catch (IOException e) {
            throw new SQLException("cannot make " + file, e);
        }
        SQLiteConfig config = config();
        config.setSynchronous(synchronous);
        Connection connection = config.createConnection("jdbc:sqlite:" + file);
        try (Statement statement = connection.createStatement()) {
            // In this order: in WAL mode the size of a page cannot change any more.
            statement.execute("PRAGMA page_size = 1024");
            statement.execute("PRAGMA journal_mode = WAL");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Brings what was committed from the log beside the file into the file, while others read and write. */
    public static void checkpoint(Path file) throws SQLException {
        checkpoint(file, "PASSIVE");
    }

    /**
     * The rest of a checkpoint, after which the log begins anew: nobody may write meanwhile, or his transaction may fail.
     * While a reader needs the log, it goes on.
     */
    public static void restartLog(Path file) throws SQLException {
        checkpoint(file, "RESTART");
    }

    private static void checkpoint(Path file, String mode) throws SQLException {
        SQLiteConfig config = config();
        config.setBusyTimeout(READERS_MILLIS);
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        try (Connection connection = config.createConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA wal_checkpoint(" + mode + ")");
        }
    }

    /** To read; a missing file is an error and is not made. */
    public static Connection openToRead(Path file) throws SQLException {
        SQLiteConfig config = config();
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        Connection connection = config.createConnection("jdbc:sqlite:" + file);
        try (Statement statement = connection.createStatement()) {
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

package io.lyftdata.http;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.apache.tomcat.jdbc.pool.PoolExhaustedException;
import org.jdbi.v3.core.ConnectionException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Tells a full disk and a database that is away or busy from errors of our own. */
final class StorageTrouble {
    /** Primary result codes of SQLite that pass: busy, locked, I/O error, cannot open. */
    private static final Set<Integer> PASSING = Set.of(
            SQLiteErrorCode.SQLITE_BUSY.code,
            SQLiteErrorCode.SQLITE_LOCKED.code,
            SQLiteErrorCode.SQLITE_IOERR.code,
            SQLiteErrorCode.SQLITE_CANTOPEN.code);
    /** Classes of SQLSTATE: connection, transaction rolled back, insufficient resources, operator intervention. */
    private static final Set<String> PASSING_CLASSES = Set.of("08", "40", "53", "57", "58");

    private static final String DISK_FULL = "53100";
    private static final Duration WAIT = Duration.ofSeconds(5);

    private StorageTrouble() {}

    /** Empty when it is something else. */
    static Optional<Refusal> refusal(Throwable error) {
        if (isFull(error)) {
            return Optional.of(new Refusal(
                    Code.STORAGE_FULL, "the server's disk is full; free space or shorten the log retention"));
        }
        if (isPassing(error)) {
            return Optional.of(
                    new Refusal(Code.UNAVAILABLE, "the server's database does not answer; try again").retryAfter(WAIT));
        }
        return Optional.empty();
    }

    private static boolean isFull(Throwable error) {
        return sqliteCode(error)
                        .filter(code -> code == SQLiteErrorCode.SQLITE_FULL.code)
                        .isPresent()
                || Causes.find(error, SQLException.class)
                        .filter(sql -> DISK_FULL.equals(sql.getSQLState()))
                        .isPresent()
                || Causes.find(error, IOException.class)
                        .filter(io -> String.valueOf(io.getMessage()).contains("No space left on device"))
                        .isPresent();
    }

    private static boolean isPassing(Throwable error) {
        return sqliteCode(error).filter(PASSING::contains).isPresent()
                || Causes.find(error, ConnectionException.class).isPresent()
                || Causes.find(error, SQLException.class)
                        .filter(StorageTrouble::isPassing)
                        .isPresent();
    }

    private static boolean isPassing(SQLException error) {
        String state = error.getSQLState();
        return error instanceof SQLTransientException
                || error instanceof SQLRecoverableException
                || error instanceof PoolExhaustedException
                || (state != null && state.length() == 5 && PASSING_CLASSES.contains(state.substring(0, 2)));
    }

    /** The primary result code is the low byte of the extended one. */
    private static Optional<Integer> sqliteCode(Throwable error) {
        return Causes.find(error, SQLiteException.class).map(sqlite -> sqlite.getResultCode().code & 0xff);
    }
}

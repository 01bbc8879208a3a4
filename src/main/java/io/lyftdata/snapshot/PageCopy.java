package io.lyftdata.snapshot;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConnection;

/** A SQLite file in WAL mode as an open transaction sees it, taken while others write. */
final class PageCopy {
    private static final int PAGES_A_STEP = 4_096;
    private static final int PAUSE_MILLIS = 20;
    private static final int PAUSES = 500;

    private PageCopy() {}

    /**
     * The transaction keeps its moment while others write, so the copy never begins anew.
     *
     * @param from within a transaction that has read
     * @param target does not exist yet, or is empty
     */
    static void copy(Connection from, Path target, String step, Progress progress) throws SQLException {
        long page;
        try (Statement statement = from.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA page_size")) {
            page = row.getLong(1);
        }
        from.unwrap(SQLiteConnection.class)
                .getDatabase()
                .backup(
                        "main",
                        target.toString(),
                        (left, all) -> progress.at(step, (all - left) * page, all * page),
                        PAUSE_MILLIS,
                        PAUSES,
                        PAGES_A_STEP);
    }
}

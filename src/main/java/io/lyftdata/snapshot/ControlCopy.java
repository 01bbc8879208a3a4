package io.lyftdata.snapshot;

import io.lyftdata.archive.Manifest;
import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/**
 * The control database at one moment, as a SQLite file with the product's schema, taken while others write.
 *
 * @param settings of the newest revision, as JSON
 */
public record ControlCopy(
        String engine,
        String schema,
        Map<String, Long> counts,
        long revision,
        String settings,
        Manifest.Ledger ledger,
        Manifest.Audit audit) {
    private static final Map<String, String> NOUNS = nouns();

    private static Map<String, String> nouns() {
        Map<String, String> nouns = new LinkedHashMap<>();
        nouns.put("workers", "worker");
        nouns.put("keys", "api_key");
        nouns.put("users", "account");
        nouns.put("tokens", "token");
        nouns.put("auditRecords", "audit");
        return nouns;
    }

    /** @param target does not exist yet, or is empty */
    public static ControlCopy make(Database database, Path target, Progress progress) throws IOException {
        try {
            return database.read(tx -> isPostgresql(tx)
                    ? tx.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, one -> rows(one, target, progress))
                    : tx.inTransaction(TransactionIsolationLevel.UNKNOWN, one -> pages(one, target, progress)));
        } catch (CopyFailure e) {
            throw new IOException("the database could not be copied", e.getCause());
        }
    }

    static boolean isPostgresql(Handle tx) {
        try {
            return tx.getConnection().getMetaData().getDatabaseProductName().equals("PostgreSQL");
        } catch (SQLException e) {
            throw new CopyFailure(e);
        }
    }

    /** What the transaction sees; the first of these queries begins to hold the moment. */
    public static ControlCopy facts(Handle tx, String engine) {
        String schema = tx.createQuery("SELECT version FROM flyway_schema_history ORDER BY installed_rank DESC LIMIT 1")
                .mapTo(String.class)
                .one();
        Map<String, Long> counts = new LinkedHashMap<>();
        NOUNS.forEach((noun, table) -> counts.put(
                noun,
                tx.createQuery("SELECT count(*) FROM " + table)
                        .mapTo(Long.class)
                        .one()));
        Optional<Map<String, Object>> revision = tx.createQuery(
                        "SELECT number, settings FROM settings_revision ORDER BY number DESC LIMIT 1")
                .mapToMap()
                .findOne();
        return new ControlCopy(
                engine,
                schema,
                counts,
                revision.map(row -> ((Number) row.get("number")).longValue()).orElse(0L),
                revision.map(row -> (String) row.get("settings")).orElse("[]"),
                tx.createQuery("SELECT sequence, hash FROM ledger")
                        .map((row, context) -> new Manifest.Ledger(row.getLong(1), row.getString(2)))
                        .findOne()
                        .orElse(null),
                tx.createQuery("SELECT segment, position, hash FROM audit ORDER BY position DESC LIMIT 1")
                        .map((row, context) -> new Manifest.Audit(row.getString(1), row.getLong(2), row.getString(3)))
                        .findOne()
                        .orElse(null));
    }

    private static ControlCopy pages(Handle tx, Path target, Progress progress) {
        ControlCopy facts = facts(tx, "sqlite");
        try {
            PageCopy.copy(tx.getConnection(), target, "copying the database", progress);
        } catch (SQLException e) {
            throw new CopyFailure(e);
        }
        return facts;
    }

    private static ControlCopy rows(Handle tx, Path target, Progress progress) {
        ControlCopy facts = facts(tx, "postgresql");
        try (DatabaseOpener opener = new DatabaseOpener()) {
            opener.openSqlite(target).write(to -> {
                new TableCopy(tx.getConnection(), to.getConnection()).copyAll(progress);
                return null;
            });
            return facts;
        } catch (SQLException e) {
            throw new CopyFailure(e);
        }
    }

    /** Through code that throws nothing checked. */
    static final class CopyFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        CopyFailure(SQLException cause) {
            super(cause);
        }
    }

    /** Of any connection to a database with the product's schema. */
    static boolean isSqlite(Connection connection) throws SQLException {
        return connection.getMetaData().getDatabaseProductName().equals("SQLite");
    }
}

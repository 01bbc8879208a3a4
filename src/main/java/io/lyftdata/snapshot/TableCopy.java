package io.lyftdata.snapshot;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Rows from one database to another with the same schema, whatever the two engines are; both connections are within a
 * transaction. For one thread.
 */
public final class TableCopy {
    private static final int ROWS_A_BATCH = 1_000;
    /** A table stands behind those that it refers to. */
    private static final String TABLES =
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%'"
                    + " ESCAPE '\\' AND name <> 'flyway_schema_history' ORDER BY rowid";

    private final Connection from;
    private final Connection to;

    /** One of the two is SQLite. */
    public TableCopy(Connection from, Connection to) {
        this.from = from;
        this.to = to;
    }

    /** All rows of all tables into empty ones. */
    public void copyAll(Progress progress) {
        try {
            List<String> tables = tables();
            for (int i = 0; i < tables.size(); i++) {
                progress.at("copying the tables", i, tables.size());
                copy(tables.get(i), "");
            }
        } catch (SQLException e) {
            throw new ControlCopy.CopyFailure(e);
        }
    }

    /** All rows of all tables in the place of those that are there. */
    public void replaceAll(Progress progress) {
        try (Statement statement = to.createStatement()) {
            List<String> tables = tables();
            Collections.reverse(tables);
            for (String table : tables) {
                statement.executeUpdate("DELETE FROM " + table);
            }
        } catch (SQLException e) {
            throw new ControlCopy.CopyFailure(e);
        }
        copyAll(progress);
    }

    /** The product's tables, each behind those that it refers to. */
    public List<String> tables() throws SQLException {
        List<String> tables = new ArrayList<>();
        try (Statement statement = (ControlCopy.isSqlite(from) ? from : to).createStatement();
                ResultSet rows = statement.executeQuery(TABLES)) {
            while (rows.next()) {
                tables.add(rows.getString(1));
            }
        }
        return tables;
    }

    /** @param where empty, or a condition with its WHERE */
    public void copy(String table, String where) throws SQLException {
        try (Statement statement = from.createStatement()) {
            statement.setFetchSize(ROWS_A_BATCH);
            try (ResultSet rows = statement.executeQuery("SELECT * FROM " + table + " " + where)) {
                List<String> columns = columns(rows.getMetaData());
                boolean[] isTruth = truths(table, columns);
                String marks = "?, ".repeat(columns.size() - 1) + "?";
                String insert = "INSERT INTO " + table + " (" + String.join(", ", columns) + ") VALUES (" + marks + ")";
                try (PreparedStatement target = to.prepareStatement(insert)) {
                    copy(rows, target, isTruth);
                }
            }
        }
    }

    private static List<String> columns(ResultSetMetaData rows) throws SQLException {
        List<String> columns = new ArrayList<>();
        for (int i = 1; i <= rows.getColumnCount(); i++) {
            columns.add(rows.getColumnName(i));
        }
        return columns;
    }

    /** Which columns the target keeps as truth values; SQLite has none, but numbers. */
    private boolean[] truths(String table, List<String> columns) throws SQLException {
        boolean[] isTruth = new boolean[columns.size()];
        if (!ControlCopy.isSqlite(to)) {
            String none = "SELECT " + String.join(", ", columns) + " FROM " + table + " LIMIT 0";
            try (Statement statement = to.createStatement();
                    ResultSet rows = statement.executeQuery(none)) {
                for (int i = 0; i < isTruth.length; i++) {
                    int type = rows.getMetaData().getColumnType(i + 1);
                    isTruth[i] = type == Types.BIT || type == Types.BOOLEAN;
                }
            }
        }
        return isTruth;
    }

    private static void copy(ResultSet rows, PreparedStatement target, boolean[] isTruth) throws SQLException {
        int batched = 0;
        while (rows.next()) {
            for (int i = 0; i < isTruth.length; i++) {
                target.setObject(i + 1, value(rows.getObject(i + 1), isTruth[i]));
            }
            target.addBatch();
            if (++batched % ROWS_A_BATCH == 0) {
                target.executeBatch();
            }
        }
        target.executeBatch();
    }

    private static Object value(Object value, boolean isTruth) {
        if (value instanceof Boolean truth) {
            return isTruth ? value : Integer.valueOf(truth ? 1 : 0);
        }
        return isTruth && value instanceof Number number ? Boolean.valueOf(number.longValue() != 0) : value;
    }
}

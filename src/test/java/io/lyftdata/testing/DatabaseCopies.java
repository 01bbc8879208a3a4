package io.lyftdata.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A server's control database on either engine, beside the server: copied, copied back, and made to refuse records. */
public final class DatabaseCopies {
    private static final String POSTGRESQL_REFUSAL = """
            CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'no'; END $$ LANGUAGE plpgsql;
            CREATE TRIGGER no_audit BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION refuse();
            """;
    private static final String SQLITE_REFUSAL =
            "CREATE TRIGGER no_audit BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END";

    private final Path staging;
    private final Engine engine;
    private String url;

    public DatabaseCopies(Engine engine, Path staging) {
        this.staging = staging;
        this.engine = engine;
        this.url = engine == Engine.SQLITE ? "jdbc:sqlite:" + file() : Engine.newPostgresqlUrl();
    }

    private Path file() {
        return staging.resolve("control.db");
    }

    /** By which a server uses it. */
    public Map<String, String> flags() {
        return engine == Engine.SQLITE ? Map.of() : Map.of("database-url", url);
    }

    /** While no server runs: goes on with a copy; what it was can be brought {@link #back}. */
    public String copy() throws IOException, SQLException {
        if (engine == Engine.SQLITE) {
            Path copy = staging.resolveSibling("control.db.copy");
            Files.copy(file(), copy, StandardCopyOption.REPLACE_EXISTING);
            return copy.toString();
        }
        String former = url;
        String name = former.replaceFirst(".*/([a-z0-9]+)[?].*", "$1");
        try (Connection connection = DriverManager.getConnection(former.replace("/" + name + "?", "/postgres?"));
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name + "copy TEMPLATE " + name);
        }
        url = former.replace("/" + name + "?", "/" + name + "copy?");
        return former;
    }

    /** While no server runs. */
    public void back(String copy) throws IOException {
        if (engine == Engine.SQLITE) {
            Files.copy(Path.of(copy), file(), StandardCopyOption.REPLACE_EXISTING);
        } else {
            url = copy;
        }
    }

    public void refuseRecords() throws SQLException {
        execute(engine == Engine.SQLITE ? SQLITE_REFUSAL : POSTGRESQL_REFUSAL);
    }

    public void takeRecords() throws SQLException {
        execute(engine == Engine.SQLITE ? "DROP TRIGGER no_audit" : "DROP FUNCTION refuse() CASCADE");
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            if (engine == Engine.SQLITE) {
                statement.execute("PRAGMA busy_timeout = 20000");
            }
            statement.execute(sql);
        }
    }

    /** Each row's first column. */
    public List<String> query(String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                rows.add(row.getString(1));
            }
        }
        return rows;
    }
}

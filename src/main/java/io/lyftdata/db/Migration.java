package io.lyftdata.db;

import io.lyftdata.config.BadSetting;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/** Brings a database to this product's schema; one that is there already costs one query, and Flyway is not loaded. */
final class Migration {
    /** The newest file in {@code db/migration}; a test compares the two. */
    static final String NEWEST = "1";

    private Migration() {}

    static void run(DataSource source, String url) {
        if (isAtNewest(source)) {
            return;
        }
        try {
            Flyway.configure()
                    .dataSource(source)
                    .locations("classpath:db/migration")
                    .failOnMissingLocations(true)
                    .ignoreMigrationPatterns("*:future")
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            throw new BadSetting(
                    "the database at " + DatabaseOpener.withoutSecrets(url) + " could not be brought to this version's"
                            + " schema; see the log, and start the version that last used it");
        }
    }

    private static boolean isAtNewest(DataSource source) {
        String query = "SELECT version, success FROM flyway_schema_history ORDER BY installed_rank DESC LIMIT 1";
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next() && NEWEST.equals(row.getString(1)) && row.getBoolean(2);
        } catch (SQLException e) {
            // No such table: a new database. Unreachable: Flyway meets the same fault and says so.
            return false;
        }
    }
}

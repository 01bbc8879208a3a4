package io.lyftdata.restore;

import io.lyftdata.api.Settings;
import io.lyftdata.api.Settings.Change;
import io.lyftdata.client.Json;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a restore would change.
 *
 * @param identities of the workers that are there now
 * @param settings what was in force; what will be is what the configuration says at the next start
 */
public record Difference(Part workers, Part keys, Part users, List<Change> settings, Map<String, String> identities) {
    /**
     * Of one noun.
     *
     * @param now how many there are; 0 where there is no database
     * @param then how many the backup has
     * @param going those that the backup does not have
     * @param coming those that only the backup has
     */
    public record Part(long now, long then, List<String> going, List<String> coming) {}

    /** @param live the database in use; null: there is none, or it cannot be read */
    static Difference between(Connection live, Connection backup) throws SQLException {
        return new Difference(
                part(live, backup, "SELECT id FROM worker"),
                part(live, backup, "SELECT id FROM api_key WHERE state <> 'revoked'"),
                part(live, backup, "SELECT name FROM account"),
                live == null ? List.of() : Settings.changes(settings(live), settings(backup)),
                live == null ? Map.of() : identities(live));
    }

    private static Map<String, String> identities(Connection database) throws SQLException {
        Map<String, String> identities = new HashMap<>();
        try (Statement statement = database.createStatement();
                ResultSet rows = statement.executeQuery("SELECT id, identity FROM worker WHERE identity IS NOT NULL")) {
            while (rows.next()) {
                identities.put(rows.getString(1), rows.getString(2));
            }
        }
        return identities;
    }

    private static Part part(Connection live, Connection backup, String query) throws SQLException {
        Set<String> now = live == null ? Set.of() : names(live, query);
        Set<String> then = names(backup, query);
        Set<String> going = new TreeSet<>(now);
        going.removeAll(then);
        Set<String> coming = new TreeSet<>(then);
        coming.removeAll(now);
        return new Part(now.size(), then.size(), List.copyOf(going), List.copyOf(coming));
    }

    private static Set<String> names(Connection database, String query) throws SQLException {
        Set<String> names = new TreeSet<>();
        try (Statement statement = database.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    private static List<Settings.Entry> settings(Connection database) throws SQLException {
        try (Statement statement = database.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT settings FROM settings_revision ORDER BY number DESC LIMIT 1")) {
            if (!row.next()) {
                return List.of();
            }
            List<Settings.Entry> entries = new ArrayList<>();
            for (Settings.Entry entry : Json.MAPPER.readValue(row.getString(1), Settings.Entry[].class)) {
                entries.add(entry);
            }
            return entries;
        } catch (IOException e) {
            throw new SQLException("damaged settings", e);
        }
    }
}

package io.lyftdata.testing;

import io.lyftdata.db.Database;
import io.lyftdata.db.DatabaseOpener;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** The databases that the product runs on; a test takes one as parameter and runs on both. */
public enum Engine {
    SQLITE,
    POSTGRESQL;

    private static final AtomicInteger COUNTER = new AtomicInteger();

    /** A new, empty, migrated database. */
    public Database open(DatabaseOpener opener, Path directory) {
        return this == SQLITE
                ? opener.openSqlite(directory.resolve("control.db"))
                : opener.openPostgresql(newPostgresqlUrl());
    }

    /** The URL of a new, empty PostgreSQL database; the server behind it ends with the JVM. */
    public static String newPostgresqlUrl() {
        String name = "test" + COUNTER.incrementAndGet();
        return created(name, "CREATE DATABASE " + name);
    }

    private static String created(String name, String sql) {
        try (var connection = Cluster.SERVER.getPostgresDatabase().getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
            return Cluster.SERVER.getJdbcUrl("postgres", name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The URL of another PostgreSQL database with the same content; nobody is connected to the one of this URL. */
    public static String copyOf(String url) {
        String copy = "test" + COUNTER.incrementAndGet();
        String name = url.replaceFirst(".*/(test\\d+).*", "$1");
        return created(copy, "CREATE DATABASE " + copy + " TEMPLATE " + name);
    }

    private static final class Cluster {
        private static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                return EmbeddedPostgres.builder()
                        .setPGStartupWait(Duration.ofMinutes(2))
                        .setServerConfig("fsync", "off")
                        .setServerConfig("listen_addresses", "127.0.0.1")
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}

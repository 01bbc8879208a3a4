package io.lyftdata.db;

import inet.ipaddr.IPAddressString;
import io.lyftdata.config.BadSetting;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.tomcat.jdbc.pool.DataSource;
import org.apache.tomcat.jdbc.pool.PoolProperties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.jdbc.SslMode;

/**
 * Opens the control database, migrates it to this product's schema, and holds it: one server per database. Closing it
 * closes every connection.
 */
public final class DatabaseOpener implements AutoCloseable {
    private static final int READERS = 8;
    /** Prepared statements kept for each connection; more than the product has. */
    private static final int STATEMENTS = 500;

    /** Any number that only our servers ask PostgreSQL to lock: the ASCII bytes of "lyftdata". */
    private static final long POSTGRESQL_LOCK = 0x6c79667464617461L;

    /** SQLSTATE lock_not_available. */
    private static final String LOCKED = "55P03";

    private static final String HOST = "([\\w.-]+|\\[[0-9A-Fa-f:.]+])(:\\d+)?";
    private static final Pattern PLAIN_URL =
            Pattern.compile("(jdbc:sqlite:.*|jdbc:postgresql://(" + HOST + "(," + HOST + ")*)?(/[\\w.~%-]*)?)([?].*)?");

    private final List<DataSource> pools = new ArrayList<>();
    private Connection lock;

    /**
     * The database in the file; it is made when it is missing.
     *
     * @throws BadSetting when it cannot be opened or is newer than this product
     */
    public Database openSqlite(Path file) {
        String url = "jdbc:sqlite:" + file;
        Properties writing = sqlite("IMMEDIATE");
        writing.setProperty("busy_timeout", "1000");
        // What a savepoint keeps would lie in a file outside the staging directory.
        writing.setProperty("temp_store", "MEMORY");
        DataSource writers = pool(url, 1, writing);
        Migration.run(writers, url);
        DataSource readers = pool(url, READERS, sqlite("DEFERRED"));
        readers.setInitSQL("PRAGMA query_only = 1");
        return new Database(writers, readers);
    }

    /**
     * The database at the URL, which stays ours until close.
     *
     * @throws BadSetting when it cannot be reached, another server holds it, or it is newer than this product
     */
    public Database openPostgresql(String url) {
        Properties transport = transport(url);
        lock = lockPostgresql(url, transport);
        DataSource readers = pool(url, READERS, transport);
        Migration.run(readers, url);
        return new Database(pool(url, 1, transport), readers);
    }

    /** TLS with the server's certificate checked, where it is another host and the URL does not say otherwise. */
    private static Properties transport(String url) {
        Properties properties = new Properties();
        Properties asked = Driver.parseURL(url, null);
        String hosts = asked == null ? "" : asked.getProperty(PGProperty.PG_HOST.getName(), "localhost");
        if (!Stream.of(hosts.split(",")).allMatch(DatabaseOpener::isThisHost)) {
            properties.setProperty(PGProperty.SSL_MODE.getName(), SslMode.VERIFY_FULL.value);
        }
        return properties;
    }

    private static boolean isThisHost(String host) {
        return host.equals("localhost") || new IPAddressString(host.replaceAll("[\\[\\]]", "")).isLoopback();
    }

    /** PostgreSQL takes a moment to notice that the server before this one has gone. */
    private static Connection lockPostgresql(String url, Properties transport) {
        try {
            Connection connection = DriverManager.getConnection(url, transport);
            try (var statement = connection.createStatement()) {
                statement.execute("SET lock_timeout = '3s'");
                statement.execute("SELECT pg_advisory_lock(" + POSTGRESQL_LOCK + ")");
                return connection;
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            throw new BadSetting(
                    LOCKED.equals(e.getSQLState())
                            ? "database-url: another lyftdata server uses this database; stop it first"
                            : "database-url: PostgreSQL refused the connection (SQLSTATE " + e.getSQLState()
                                    + "); check host, database, user and password, and sslrootcert when it is another"
                                    + " host");
        }
    }

    /** The newest schema that this product knows. */
    public static String schema() {
        return Migration.NEWEST;
    }

    /** Engine, hosts and database of a JDBC URL, and nothing else of it. */
    public static String withoutSecrets(String url) {
        Matcher plain = PLAIN_URL.matcher(url);
        return plain.matches() ? plain.group(1) : "jdbc:postgresql://…";
    }

    private static Properties sqlite(String transactionMode) {
        Properties properties = new Properties();
        properties.setProperty("journal_mode", "WAL");
        properties.setProperty("synchronous", "FULL");
        properties.setProperty("busy_timeout", "5000");
        properties.setProperty("foreign_keys", "true");
        properties.setProperty("transaction_mode", transactionMode);
        return properties;
    }

    private DataSource pool(String url, int size, Properties properties) {
        PoolProperties pool = new PoolProperties();
        pool.setUrl(url);
        pool.setDriverClassName(url.startsWith("jdbc:sqlite:") ? "org.sqlite.JDBC" : "org.postgresql.Driver");
        pool.setDbProperties(properties);
        pool.setInitialSize(0);
        pool.setMinIdle(0);
        pool.setMaxIdle(size);
        pool.setMaxActive(size);
        pool.setMaxWait(10_000);
        pool.setTestOnBorrow(!url.startsWith("jdbc:sqlite:"));
        pool.setValidationQuery("SELECT 1");
        pool.setTimeBetweenEvictionRunsMillis(0);
        pool.setJdbcInterceptors("StatementCache(max=" + STATEMENTS + ")");
        DataSource source = new DataSource(pool);
        pools.add(source);
        return source;
    }

    @Override
    public void close() throws SQLException {
        pools.forEach(pool -> pool.close(true));
        if (lock != null) {
            lock.close();
        }
    }
}

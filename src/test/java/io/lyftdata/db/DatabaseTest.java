package io.lyftdata.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.auth.Role;
import io.lyftdata.config.BadSetting;
import io.lyftdata.testing.Engine;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.generic.GenericType;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

public class DatabaseTest {
    /** A row. */
    public record Row(String id, String name, Role role, List<String> sources, Instant createdAt, Instant lastUsedAt) {}

    @RegisterConstructorMapper(Row.class)
    interface RowDao {
        @SqlUpdate("INSERT INTO token (id, name, role, owner, sources, hash, created_at, expires_at,"
                + " ledger) VALUES (:id, :name, :role, 'me', :sources, 'h', :createdAt, :createdAt, 0)")
        void insert(String id, String name, Role role, List<String> sources, Instant createdAt);

        @SqlQuery("SELECT id, name, role, sources, created_at, last_used_at FROM token WHERE id = :id")
        Row find(String id);
    }

    @TempDir
    Path directory;

    private final DatabaseOpener opener = new DatabaseOpener();
    private Database database;

    @BeforeEach
    void open() {
        database = opener.openSqlite(directory.resolve("control.db"));
    }

    @AfterEach
    void close() throws Exception {
        opener.close();
    }

    @Test
    void mapsOurTypes() {
        Instant now = Instant.ofEpochMilli(1_700_000_000_123L);
        database.write(tx -> {
            tx.attach(RowDao.class).insert("a", "n", Role.OPERATOR, List.of("10.0.0.1"), now);
            return null;
        });
        Row row = database.read(tx -> tx.attach(RowDao.class).find("a"));
        assertThat(row).isEqualTo(new Row("a", "n", Role.OPERATOR, List.of("10.0.0.1"), now, null));
    }

    @Test
    void labelsSurvive() {
        database.write(tx -> tx.createUpdate(
                        "INSERT INTO worker (id, state, labels, created_at) VALUES ('w', 'active', :labels, 1)")
                .bindByType("labels", Map.of("b", "2", "a", "1"), new GenericType<Map<String, String>>() {})
                .execute());
        assertThat(database.<String>read(tx -> tx.createQuery("SELECT labels FROM worker")
                        .mapTo(String.class)
                        .one()))
                .isEqualTo("{\"a\":\"1\",\"b\":\"2\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "jdbc:postgresql://db/lyft?user=u&password=canary|jdbc:postgresql://db/lyft",
                "jdbc:postgresql://a:5432,[::1]:5433/lyft?password=c@n/ary|jdbc:postgresql://a:5432,[::1]:5433/lyft",
                "jdbc:postgresql://u:canary@db/lyft|jdbc:postgresql://…",
                "jdbc:postgresql://u:can?ary@db/lyft|jdbc:postgresql://…",
                "jdbc:postgresql:lyft?password=canary|jdbc:postgresql://…"
            })
    void tellsOfADatabaseOnlyWhichItIs(String url, String told) {
        assertThat(DatabaseOpener.withoutSecrets(url)).isEqualTo(told);
    }

    /** 0.0.0.0 leads to this host, but does not say so. */
    @Test
    void anotherHostsDatabaseIsReachedByTlsUnlessTheUrlSaysOtherwise() {
        String local = Engine.newPostgresqlUrl();
        String other = local.replaceFirst("//[^:/]+", "//0.0.0.0");
        assertThatThrownBy(() -> opener.openPostgresql(other))
                .isInstanceOf(BadSetting.class)
                .hasMessageContaining("sslrootcert");
        assertThatThrownBy(() -> opener.openPostgresql(other.replace("0.0.0.0", "localhost,0.0.0.0")))
                .isInstanceOf(BadSetting.class);
        opener.openPostgresql(other + (other.contains("?") ? "&" : "?") + "sslmode=disable");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1"})
    void thisHostsDatabaseNeedsNoTls(String host) {
        opener.openPostgresql(Engine.newPostgresqlUrl().replaceFirst("//[^:/]+", "//" + host));
    }

    @Test
    void readersCannotWrite() {
        assertThatThrownBy(() -> database.read(tx -> tx.execute("DELETE FROM worker")))
                .hasMessageContaining("readonly");
    }
}

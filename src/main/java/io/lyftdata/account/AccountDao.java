package io.lyftdata.account;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

@RegisterConstructorMapper(Account.class)
interface AccountDao {
    @SqlUpdate("""
            INSERT INTO account (name, role, password, created_at, password_changed_at, generation)
            VALUES (:name, :role, :password, :createdAt, :passwordChangedAt, :generation)
            ON CONFLICT (name) DO NOTHING
            """)
    boolean insert(@BindMethods Account account);

    @SqlQuery("SELECT * FROM account WHERE name = :name")
    Optional<Account> find(String name);

    @SqlQuery("SELECT * FROM account WHERE name > :after ORDER BY name LIMIT :limit")
    List<Account> list(String after, int limit);

    @SqlQuery("SELECT * FROM account WHERE role = 'admin' AND name <> :name")
    List<Account> otherAdmins(String name);

    @SqlUpdate("""
            UPDATE account SET password = :password, password_changed_at = :now, generation = :generation
            WHERE name = :name
            """)
    boolean setPassword(String name, String password, Instant now, long generation);

    @SqlUpdate("UPDATE account SET password = :password WHERE name = :name AND password = :old")
    boolean rehash(String name, String old, String password);

    @SqlUpdate("DELETE FROM account WHERE name = :name")
    boolean delete(String name);

    /** The hashes of all passwords that a reset from the host has set. */
    @SqlQuery("SELECT value FROM installation_fact WHERE name LIKE 'admin-password-reset:%'")
    List<String> resets();

    @SqlUpdate("INSERT INTO installation_fact (name, value) VALUES (:name, :value)")
    void recordReset(String name, String value);
}

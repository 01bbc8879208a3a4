package io.lyftdata.account;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

interface SessionDao {
    String ROW = """
            SELECT s.id, s.account, a.role, s.hash, s.created_at, s.last_used_at, s.expires_at, s.revoked_at, s.ledger
            FROM session s JOIN account a ON a.name = s.account
            """;

    @SqlUpdate("""
            INSERT INTO session (id, account, hash, created_at, last_used_at, expires_at, ledger)
            VALUES (:id, :account, :hash, :now, :now, :expiresAt, :ledger)
            """)
    void insert(String id, String account, String hash, Instant now, Instant expiresAt, long ledger);

    @RegisterConstructorMapper(Session.class)
    @SqlQuery(ROW + "WHERE s.id = :id")
    Optional<Session> find(String id);

    @RegisterConstructorMapper(Session.class)
    @SqlQuery(ROW + "WHERE s.revoked_at IS NULL ORDER BY s.id")
    List<Session> live();

    @SqlUpdate("UPDATE session SET last_used_at = :now WHERE id = :id")
    void use(String id, Instant now);

    @SqlUpdate("UPDATE session SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL")
    int revoke(String id, Instant now);

    @SqlUpdate("""
            UPDATE session SET revoked_at = :now
            WHERE account = :account AND id <> :except AND revoked_at IS NULL
            """)
    int revokeAll(String account, String except, Instant now);

    @SqlUpdate("UPDATE session SET revoked_at = :now WHERE id <> :except AND revoked_at IS NULL")
    int revokeOthers(String except, Instant now);

    @SqlUpdate("DELETE FROM session WHERE expires_at < :before")
    int deleteEnded(Instant before);
}

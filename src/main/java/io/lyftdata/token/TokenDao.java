package io.lyftdata.token;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

@RegisterConstructorMapper(Token.class)
interface TokenDao {
    @SqlUpdate("""
            INSERT INTO token (id, name, role, owner, sources, hash, created_at, expires_at, ledger)
            VALUES (:t.id, :t.name, :t.role, :t.owner, :sources, :t.hash, :t.createdAt, :t.expiresAt, :t.ledger)
            """)
    void insert(@BindMethods("t") Token t, List<String> sources);

    @SqlQuery("SELECT * FROM token WHERE id = :id")
    Optional<Token> find(String id);

    @SqlQuery("SELECT * FROM token WHERE id > :after ORDER BY id LIMIT :limit")
    List<Token> list(String after, int limit);

    @SqlQuery("SELECT * FROM token WHERE revoked_at IS NULL ORDER BY id")
    List<Token> live();

    @SqlUpdate("UPDATE token SET last_used_at = :now WHERE id = :id")
    void use(String id, Instant now);

    @SqlUpdate("UPDATE token SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL")
    int revoke(String id, Instant now);

    @SqlUpdate("UPDATE token SET revoked_at = :now WHERE id <> :except AND revoked_at IS NULL")
    int revokeOthers(String except, Instant now);

    @SqlUpdate("UPDATE token SET revoked_at = :now WHERE owner = :owner AND revoked_at IS NULL")
    int revokeOwnedBy(String owner, Instant now);
}

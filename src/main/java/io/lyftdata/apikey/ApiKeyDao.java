package io.lyftdata.apikey;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

@RegisterConstructorMapper(ApiKey.class)
interface ApiKeyDao {
    @SqlUpdate("""
            INSERT INTO api_key (id, worker_id, kind, state, hash, created_at, expires_at, ledger)
            VALUES (:id, :workerId, :kind, 'active', :hash, :now, :expiresAt, :ledger)
            ON CONFLICT (id) DO NOTHING
            """)
    boolean insert(
            String id, String workerId, ApiKey.Kind kind, String hash, Instant now, Instant expiresAt, long ledger);

    @SqlQuery("SELECT * FROM api_key WHERE id = :id")
    Optional<ApiKey> find(String id);

    @SqlQuery("SELECT * FROM api_key WHERE worker_id = :workerId AND id > :after ORDER BY id LIMIT :limit")
    List<ApiKey> list(String workerId, String after, int limit);

    @SqlQuery("SELECT * FROM api_key WHERE worker_id = :workerId AND kind = 'worker' AND state = 'active'")
    List<ApiKey> live(String workerId);

    @SqlQuery("SELECT * FROM api_key WHERE state = 'active' ORDER BY id")
    List<ApiKey> live();

    @SqlUpdate("UPDATE api_key SET first_used_at = :now WHERE id = :id AND first_used_at IS NULL")
    void use(String id, Instant now);

    @SqlUpdate("""
            UPDATE api_key SET state = 'used', first_used_at = :now, revoked_at = :now
            WHERE id = :id AND state = 'active'
            """)
    boolean spend(String id, Instant now);

    @SqlUpdate("UPDATE api_key SET state = 'revoked', revoked_at = :now WHERE id = :id AND state = 'active'")
    boolean revoke(String id, Instant now);

    @SqlQuery("SELECT id FROM api_key WHERE worker_id = :workerId AND state NOT IN ('used', 'revoked')")
    List<String> inForce(String workerId);

    @SqlUpdate("""
            UPDATE api_key SET state = 'revoked', revoked_at = :now
            WHERE worker_id = :workerId AND state NOT IN ('used', 'revoked')
            """)
    int revokeAll(String workerId, Instant now);

    @SqlUpdate("""
            UPDATE api_key SET state = 'revoked', revoked_at = :now
            WHERE worker_id = :workerId AND kind = 'worker' AND state = 'active' AND id <> :except
            """)
    int revokeOthers(String workerId, String except, Instant now);
}

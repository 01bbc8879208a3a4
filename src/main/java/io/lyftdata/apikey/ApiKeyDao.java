package io.lyftdata.apikey;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

@RegisterConstructorMapper(ApiKey.class)
interface ApiKeyDao {
    String KEY = "SELECT k.*, w.labels FROM api_key k JOIN worker w ON w.id = k.worker_id ";

    @SqlUpdate("""
            INSERT INTO api_key (id, worker_id, kind, state, hash, created_at, expires_at, ledger, rotation)
            VALUES (:id, :workerId, :kind, :state, :hash, :now, :expiresAt, :ledger,
                    (SELECT COALESCE(MAX(number), 0) FROM rotation_order))
            ON CONFLICT (id) DO NOTHING
            """)
    boolean insert(
            String id,
            String workerId,
            ApiKey.Kind kind,
            ApiKey.State state,
            String hash,
            Instant now,
            Instant expiresAt,
            long ledger);

    @SqlQuery(KEY + "WHERE k.id = :id")
    Optional<ApiKey> find(String id);

    @SqlQuery(KEY + "WHERE k.worker_id = :workerId AND k.id > :after ORDER BY k.id LIMIT :limit")
    List<ApiKey> list(String workerId, String after, int limit);

    @SqlQuery(KEY + "ORDER BY k.worker_id, k.created_at, k.id")
    List<ApiKey> all();

    @SqlQuery(KEY + "WHERE k.state IN ('pending', 'active', 'old') ORDER BY k.id")
    List<ApiKey> live();

    @SqlQuery(KEY + "WHERE k.worker_id = :workerId AND k.kind = 'worker' AND k.state = 'active' AND k.id <> :except")
    Optional<ApiKey> current(String workerId, String except);

    @SqlQuery(KEY + """
            WHERE k.worker_id = :workerId AND k.kind = 'worker' AND k.state IN ('pending', 'active', 'old')
              AND k.id <> :except
            """)
    List<ApiKey> others(String workerId, String except);

    @SqlUpdate("UPDATE api_key SET first_used_at = :now WHERE id = :id AND first_used_at IS NULL")
    void use(String id, Instant now);

    @SqlUpdate("UPDATE api_key SET state = 'active', first_used_at = :now WHERE id = :id AND state = 'pending'")
    boolean promote(String id, Instant now);

    @SqlUpdate("UPDATE api_key SET state = 'old', superseded_at = :now, expires_at = :end WHERE id = :id")
    void supersede(String id, Instant now, Instant end);

    @SqlUpdate("""
            UPDATE api_key SET state = 'used', first_used_at = :now, revoked_at = :now
            WHERE id = :id AND state = 'active'
            """)
    boolean spend(String id, Instant now);

    @SqlUpdate("""
            UPDATE api_key SET state = 'revoked', revoked_at = :now
            WHERE id = :id AND state IN ('pending', 'active', 'old')
            """)
    boolean revoke(String id, Instant now);

    @SqlQuery("SELECT id FROM api_key WHERE worker_id = :workerId AND state NOT IN ('used', 'revoked')")
    List<String> inForce(String workerId);

    @SqlQuery(KEY + """
            WHERE k.worker_id = :workerId AND k.state NOT IN ('used', 'revoked') AND k.created_at <= :made
            """)
    List<ApiKey> inForce(String workerId, Instant made);

    @SqlUpdate("""
            UPDATE api_key SET state = 'revoked', revoked_at = :now
            WHERE worker_id = :workerId AND state NOT IN ('used', 'revoked')
            """)
    int revokeAll(String workerId, Instant now);

    @SqlUpdate("""
            UPDATE api_key SET state = 'revoked', revoked_at = :now
            WHERE ledger < :ledger AND state IN ('pending', 'active', 'old')
            """)
    int revokeBefore(long ledger, Instant now);

    @SqlUpdate("""
            UPDATE api_key SET state = 'revoked', revoked_at = :now
            WHERE worker_id = :workerId AND id <> :except AND state IN ('pending', 'active', 'old')
            """)
    int revokeOthers(String workerId, String except, Instant now);

    @SqlUpdate("""
            UPDATE api_key SET state = 'revoked', revoked_at = :now
            WHERE worker_id = :workerId AND kind = 'worker' AND state = :state
            """)
    int revokeThose(String workerId, ApiKey.State state, Instant now);

    @SqlUpdate("""
            DELETE FROM api_key
            WHERE (state IN ('revoked', 'used') AND revoked_at < :before)
               OR (state = 'old' AND expires_at < :before)
            """)
    int forget(Instant before);
}

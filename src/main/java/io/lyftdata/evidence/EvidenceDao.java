package io.lyftdata.evidence;

import java.time.Instant;
import java.util.List;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;

interface EvidenceDao {
    /** An enrollment secret by its public id; nothing here is secret. */
    record Secret(
            String id,
            boolean active,
            Instant createdAt,
            String createdBy,
            Instant retiredAt,
            Instant expiresAt,
            long admitted,
            Instant lastUsedAt,
            String lastUsedBy) {}

    @SqlQuery("""
            SELECT id, active, created_at, created_by, retired_at, expires_at, admitted, last_used_at, last_used_by
            FROM enrollment_secret ORDER BY created_at, id
            """)
    @RegisterConstructorMapper(Secret.class)
    List<Secret> secrets();
}

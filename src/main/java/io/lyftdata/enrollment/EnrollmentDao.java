package io.lyftdata.enrollment;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

@RegisterConstructorMapper(EnrollmentSecret.class)
interface EnrollmentDao {
    @SqlUpdate("""
            INSERT INTO enrollment_secret (id, hash, fingerprint, active, created_at, created_by, admitted, expires_at,
                                           use_limit, sources, labels)
            VALUES (:id, :hash, :fingerprint, TRUE, :createdAt, :createdBy, 0, :expiresAt, :useLimit, :sources, :labels)
            """)
    void insert(@BindMethods EnrollmentSecret secret);

    @SqlQuery("SELECT * FROM enrollment_secret ORDER BY created_at, id")
    List<EnrollmentSecret> all();

    /** Those by which workers may join, or might have a moment ago. */
    @SqlQuery("SELECT * FROM enrollment_secret WHERE active OR retired_at > :since ORDER BY created_at, id")
    List<EnrollmentSecret> since(Instant since);

    @SqlQuery("SELECT * FROM enrollment_secret WHERE hash = :hash")
    Optional<EnrollmentSecret> findByHash(String hash);

    @SqlQuery("SELECT * FROM enrollment_secret WHERE id = :id")
    Optional<EnrollmentSecret> find(String id);

    @SqlUpdate("UPDATE enrollment_secret SET active = FALSE, retired_at = :at WHERE id = :id")
    void retire(String id, Instant at);

    /** Whether there was one more to admit. */
    @SqlUpdate("""
            UPDATE enrollment_secret
            SET admitted = admitted + 1, last_used_at = :now, last_used_by = :workerId
            WHERE id = :id AND (use_limit IS NULL OR admitted < use_limit)
            """)
    boolean count(String id, String workerId, Instant now);
}

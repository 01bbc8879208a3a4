package io.lyftdata.enrollment;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

@RegisterConstructorMapper(EnrollmentSecret.class)
interface EnrollmentDao {
    @SqlUpdate("""
            INSERT INTO enrollment_secret (id, hash, fingerprint, active, created_at, created_by, admitted)
            VALUES (:id, :hash, :fingerprint, TRUE, :now, :createdBy, 0)
            """)
    void insert(String id, String hash, String fingerprint, Instant now, String createdBy);

    @SqlQuery("SELECT * FROM enrollment_secret ORDER BY created_at, id")
    List<EnrollmentSecret> all();

    @SqlQuery("SELECT * FROM enrollment_secret WHERE active")
    Optional<EnrollmentSecret> active();

    @SqlQuery("SELECT * FROM enrollment_secret WHERE hash = :hash")
    Optional<EnrollmentSecret> findByHash(String hash);

    @SqlUpdate("UPDATE enrollment_secret SET active = FALSE, retired_at = :now WHERE active")
    int retire(Instant now);

    @SqlUpdate("""
            UPDATE enrollment_secret
            SET admitted = admitted + 1, last_used_at = :now, last_used_by = :workerId
            WHERE id = :id
            """)
    void count(String id, String workerId, Instant now);
}

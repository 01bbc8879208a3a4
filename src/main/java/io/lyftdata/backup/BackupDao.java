package io.lyftdata.backup;

import java.time.Instant;
import java.util.List;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

interface BackupDao {
    @SqlUpdate("""
            INSERT INTO backup (sha256, name, created_at) VALUES (:sha256, :name, :now)
            ON CONFLICT (sha256) DO NOTHING
            """)
    void insert(String sha256, String name, Instant now);

    @SqlUpdate("UPDATE backup SET proven_at = :now WHERE sha256 = :sha256")
    boolean prove(String sha256, Instant now);

    @SqlQuery("SELECT * FROM backup ORDER BY created_at DESC LIMIT 1000")
    @RegisterConstructorMapper(Row.class)
    List<Row> newest();

    /** The columns of one row; {@code provenAt} is null for one that was never proven. */
    record Row(String sha256, String name, Instant createdAt, Instant provenAt) {}
}

package io.lyftdata.posture;

import java.time.Instant;
import java.util.List;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlBatch;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

@RegisterConstructorMapper(PostureDao.Known.class)
interface PostureDao {
    /** A finding of the last recorded run. */
    record Known(String checkId, String subject, Instant since) {}

    @SqlQuery("SELECT * FROM posture_finding ORDER BY check_id, subject")
    List<Known> all();

    @SqlBatch("""
            INSERT INTO posture_finding (check_id, subject, since) VALUES (:checkId, :subject, :since)
            ON CONFLICT (check_id, subject) DO NOTHING
            """)
    void insert(@BindMethods List<Known> came);

    @SqlBatch("DELETE FROM posture_finding WHERE check_id = :checkId AND subject = :subject")
    void delete(@BindMethods List<Known> gone);

    @SqlUpdate("""
            INSERT INTO installation_fact (name, value) VALUES ('posture-run', :time)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """)
    void ran(String time);
}

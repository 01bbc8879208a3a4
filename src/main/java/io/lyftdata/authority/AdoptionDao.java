package io.lyftdata.authority;

import java.util.List;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

interface AdoptionDao {
    /** One row. */
    record Kept(String workerId, String revision) {}

    @SqlUpdate("""
            INSERT INTO authority_bundle (worker_id, revision) VALUES (:workerId, :revision)
            ON CONFLICT (worker_id) DO UPDATE SET revision = excluded.revision
            """)
    void put(String workerId, String revision);

    /** Whether that is new. */
    @SqlUpdate("INSERT INTO authority_retired (pin) VALUES (:pin) ON CONFLICT (pin) DO NOTHING")
    boolean retire(String pin);

    @RegisterConstructorMapper(Kept.class)
    @SqlQuery("SELECT worker_id, revision FROM authority_bundle")
    List<Kept> all();
}

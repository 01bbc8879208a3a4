package io.lyftdata.settings;

import java.util.List;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

@RegisterConstructorMapper(RevisionRow.class)
interface SettingsDao {
    @SqlUpdate("""
            INSERT INTO settings_revision (number, time, actor, file, settings)
            VALUES (:number, :time, :actor, :file, :settings)
            """)
    void insert(@BindMethods RevisionRow row);

    /** Newest first. */
    @SqlQuery("SELECT * FROM settings_revision WHERE number <= :number ORDER BY number DESC LIMIT :limit")
    List<RevisionRow> upTo(long number, int limit);
}

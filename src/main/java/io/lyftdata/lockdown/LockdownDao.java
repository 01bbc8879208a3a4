package io.lyftdata.lockdown;

import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

interface LockdownDao {
    @SqlQuery("SELECT value FROM installation_fact WHERE name = 'lockdown'")
    Optional<String> state();

    @SqlUpdate("""
            INSERT INTO installation_fact (name, value) VALUES ('lockdown', :state)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """)
    void put(String state);
}

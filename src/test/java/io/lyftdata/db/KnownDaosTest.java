package io.lyftdata.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.config.ConfigCustomizer;
import org.jdbi.v3.core.extension.ConfigCustomizerFactory;
import org.jdbi.v3.core.extension.Extensions;
import org.jdbi.v3.sqlobject.SqlObjectPlugin;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.junit.jupiter.api.Test;

class KnownDaosTest {
    interface OneDao {
        @SqlQuery("SELECT 1")
        int one();
    }

    @Test
    void aDaoIsLookedIntoOnceAndNotAtEachUse() {
        AtomicInteger asked = new AtomicInteger();
        Jdbi jdbi = Jdbi.create("jdbc:sqlite::memory:").installPlugin(new SqlObjectPlugin());
        KnownDaos.register(jdbi);
        jdbi.getConfig(Extensions.class).registerConfigCustomizerFactory(new ConfigCustomizerFactory() {
            @Override
            public Collection<ConfigCustomizer> forExtensionType(Class<?> dao) {
                asked.incrementAndGet();
                return List.of();
            }
        });
        for (int i = 0; i < 5; i++) {
            try (Handle handle = jdbi.open()) {
                assertThat(handle.attach(OneDao.class).one()).isEqualTo(1);
            }
        }
        assertThat(asked.get()).isEqualTo(1);
    }
}

package io.lyftdata.db;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.config.ConfigCustomizer;
import org.jdbi.v3.core.extension.ConfigCustomizerFactory;
import org.jdbi.v3.core.extension.Extensions;
import org.jdbi.v3.sqlobject.SqlObjectFactory;

/**
 * Keeps what Jdbi finds out about a DAO by reflection where every handle takes it from. Jdbi itself keeps it with the
 * handle, and would do that work, some 60 µs, again at each read and write.
 */
final class KnownDaos implements ConfigCustomizerFactory {
    private final Extensions shared;
    private final Set<Class<?>> known = ConcurrentHashMap.newKeySet();

    private KnownDaos(Extensions shared) {
        this.shared = shared;
    }

    static void register(Jdbi jdbi) {
        Extensions shared = jdbi.getConfig(Extensions.class);
        shared.registerConfigCustomizerFactory(new KnownDaos(shared));
    }

    /** Asked when a handle meets a DAO that it does not know. */
    @Override
    public Collection<ConfigCustomizer> forExtensionType(Class<?> dao) {
        if (known.add(dao)) {
            shared.findFactory(SqlObjectFactory.class).ifPresent(factory -> shared.findMetadata(dao, factory));
        }
        return List.of();
    }
}

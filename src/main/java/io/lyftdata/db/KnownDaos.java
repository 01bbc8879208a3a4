package io.lyftdata.db;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.config.ConfigRegistry;
import org.jdbi.v3.core.extension.ExtensionFactory;
import org.jdbi.v3.core.extension.ExtensionMetadata;
import org.jdbi.v3.core.extension.Extensions;
import org.jdbi.v3.core.extension.HandleSupplier;
import org.jdbi.v3.sqlobject.SqlObjectFactory;

/**
 * Keeps what Jdbi finds out about a DAO by reflection where every handle takes it from, and prepares no method but the
 * one that is called. Jdbi itself does all of that again at each read and write: most of what a small one costs.
 */
final class KnownDaos implements ExtensionFactory {
    private final Extensions shared;
    private final ExtensionFactory jdbis;

    private KnownDaos(Extensions shared) {
        this.shared = shared;
        this.jdbis = shared.findFactory(SqlObjectFactory.class).orElseThrow();
    }

    /** After the plug-in for SQL objects. */
    static void register(Jdbi jdbi) {
        Extensions shared = jdbi.getConfig(Extensions.class);
        shared.register(new KnownDaos(shared));
    }

    @Override
    public boolean accepts(Class<?> type) {
        return jdbis.accepts(type);
    }

    @Override
    public Set<FactoryFlag> getFactoryFlags() {
        return Set.of(FactoryFlag.DONT_USE_PROXY);
    }

    @Override
    public <E> E attach(Class<E> type, HandleSupplier handles) {
        ExtensionMetadata known = shared.findMetadata(type, jdbis);
        ConfigRegistry config = known.createInstanceConfiguration(handles.getConfig());
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (dao, method, values) -> call(known, dao, method, handles, config, values)));
    }

    private static Object call(
            ExtensionMetadata known,
            Object dao,
            Method method,
            HandleSupplier handles,
            ConfigRegistry config,
            Object[] values) {
        return known.createExtensionHandlerInvoker(dao, method, handles, config)
                .invoke(values == null ? new Object[0] : values);
    }
}

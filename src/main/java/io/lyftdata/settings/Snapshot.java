package io.lyftdata.settings;

import io.lyftdata.api.Settings.Entry;
import io.lyftdata.config.Loaded;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.db.DatabaseOpener;
import java.util.List;

/**
 * Settings as they may be shown: no secret, but the fingerprint of each.
 *
 * @param file the configuration file; null for the packed one
 * @param entries every key, always in the same order
 */
public record Snapshot(String file, List<Entry> entries) {
    public Snapshot {
        entries = List.copyOf(entries);
    }

    /** Of settings as they were read. */
    public static Snapshot of(Loaded<?> loaded, SigningKey key) {
        return new Snapshot(loaded.file(), loaded.entries((name, secret) -> shown(name, secret, key)));
    }

    /** Which database it is can be told; that its password changed shows in the fingerprint. */
    private static String shown(String name, Secret secret, SigningKey key) {
        String which = name.equals("database-url") ? DatabaseOpener.withoutSecrets(secret.reveal()) + " " : "";
        return which + key.fingerprint(secret);
    }
}

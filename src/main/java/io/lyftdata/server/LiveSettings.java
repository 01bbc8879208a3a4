package io.lyftdata.server;

import io.lyftdata.allowlist.Allowlist;
import io.lyftdata.auth.TrustedProxies;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Loaded;
import io.lyftdata.crypto.SigningKey;
import io.lyftdata.logs.LogConfig;
import io.lyftdata.posture.Waiver;
import io.lyftdata.settings.Candidate;
import io.lyftdata.settings.Snapshot;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What a reload replaces while the server runs; each part counts from the next request or sweep on. */
final class LiveSettings {
    private final Supplier<Loaded<ServerConfig>> source;
    private final Loaded<ServerConfig> start;
    private final TrustedProxies proxies;
    private final Allowlist allowlist;
    private volatile LogConfig logs;
    private volatile List<Waiver> waivers;

    /**
     * The settings of the start.
     *
     * @param start what the source said at the start
     * @param used is told of the allowlist's entry that lets somebody in
     */
    LiveSettings(Supplier<Loaded<ServerConfig>> source, Loaded<ServerConfig> start, Consumer<Allowlist.Entry> used) {
        this.source = source;
        this.start = start;
        this.proxies = start.settings().proxies();
        this.allowlist = new Allowlist(start.settings().allowed(), used);
        this.logs = start.settings().logs();
        this.waivers = start.settings().posture().waivers();
    }

    TrustedProxies proxies() {
        return proxies;
    }

    Allowlist allowlist() {
        return allowlist;
    }

    LogConfig logs() {
        return logs;
    }

    List<Waiver> waivers() {
        return waivers;
    }

    /**
     * What the source says now.
     *
     * @param certificate proves the one in the files, and answers what serves it
     * @throws BadSetting when it cannot be used, alone or with what only a start can change
     */
    Candidate candidate(SigningKey key, Supplier<Runnable> certificate) {
        Loaded<ServerConfig> wanted = source.get();
        ServerConfig possible = possible(wanted.settings());
        Runnable swap = certificate.get();
        return new Candidate(
                Snapshot.of(wanted, key),
                Snapshot.of(new Loaded<>(possible, start.file(), start.sources()), key),
                () -> {
                    swap.run();
                    apply(possible);
                });
    }

    private ServerConfig possible(ServerConfig wanted) {
        try {
            return start.settings().reloaded(wanted);
        } catch (IllegalArgumentException e) {
            throw new BadSetting("without a restart, " + e.getMessage());
        }
    }

    private void apply(ServerConfig now) {
        proxies.replace(now.proxies().networks());
        allowlist.replace(now.allowed());
        logs = now.logs();
        waivers = now.posture().waivers();
        Logging.adjust(now);
    }
}

package io.lyftdata.settings;

import io.lyftdata.api.Settings.Reloaded;
import io.lyftdata.auth.Caller;
import io.lyftdata.http.AdminTasks;
import java.util.function.Supplier;

/** {@code reload-configuration}: reads the settings anew and puts in force what can change without a restart. */
public final class ReloadConfigurationTask implements AdminTasks.Task<ReloadConfigurationTask.NoArguments> {
    private final Settings settings;
    private final Supplier<Candidate> source;

    public ReloadConfigurationTask(Settings settings, Supplier<Candidate> source) {
        this.settings = settings;
        this.source = source;
    }

    /** It takes none. */
    public record NoArguments() {}

    @Override
    public String name() {
        return "reload-configuration";
    }

    @Override
    public Class<NoArguments> arguments() {
        return NoArguments.class;
    }

    @Override
    public Reloaded run(Caller host, NoArguments none) {
        return settings.reload(host, source);
    }
}

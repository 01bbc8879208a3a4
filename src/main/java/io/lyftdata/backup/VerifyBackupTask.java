package io.lyftdata.backup;

import io.lyftdata.api.backup.Backups.Verification;
import io.lyftdata.auth.Caller;
import io.lyftdata.http.AdminTasks;

/** {@code verify-backup}: the whole drill with an identity, and without one what can be seen from outside. */
public final class VerifyBackupTask implements AdminTasks.Task<VerifyBackupTask.Arguments> {
    private final Drills drills;

    public VerifyBackupTask(Drills drills) {
        this.drills = drills;
    }

    /**
     * What to look at.
     *
     * @param name of the backup; null: the newest
     * @param identity path of a file on this host with an age identity; null: none
     */
    public record Arguments(String name, String identity) {}

    @Override
    public String name() {
        return "verify-backup";
    }

    @Override
    public Class<Arguments> arguments() {
        return Arguments.class;
    }

    @Override
    public Verification run(Caller host, Arguments wish) {
        return drills.verify(host, wish.name(), wish.identity());
    }
}

package io.lyftdata.backup;

import io.lyftdata.api.backup.Backups.Run;
import io.lyftdata.auth.Caller;
import io.lyftdata.http.AdminTasks;

/** {@code create-backup}: makes a backup, and answers when it is there. */
public final class CreateBackupTask implements AdminTasks.Task<CreateBackupTask.NoArguments> {
    private final BackupRuns runs;

    public CreateBackupTask(BackupRuns runs) {
        this.runs = runs;
    }

    /** It takes none. */
    public record NoArguments() {}

    @Override
    public String name() {
        return "create-backup";
    }

    @Override
    public Class<NoArguments> arguments() {
        return NoArguments.class;
    }

    @Override
    public Run run(Caller host, NoArguments none) {
        return runs.finish(host);
    }
}

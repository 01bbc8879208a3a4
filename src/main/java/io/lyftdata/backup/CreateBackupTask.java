package io.lyftdata.backup;

import io.lyftdata.api.backup.Backups.Run;
import io.lyftdata.auth.Caller;
import io.lyftdata.http.AdminTasks;

/** {@code create-backup}: makes a backup, and answers when it is there. */
public final class CreateBackupTask implements AdminTasks.Task<CreateBackupTask.Arguments> {
    private final BackupRuns runs;

    public CreateBackupTask(BackupRuns runs) {
        this.runs = runs;
    }

    /** @param telemetry whether logs and metrics are in it too, also when the configuration does not say so */
    public record Arguments(boolean telemetry) {}

    @Override
    public String name() {
        return "create-backup";
    }

    @Override
    public Class<Arguments> arguments() {
        return Arguments.class;
    }

    @Override
    public Run run(Caller host, Arguments arguments) {
        return runs.finish(host, arguments.telemetry());
    }
}

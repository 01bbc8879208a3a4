package io.lyftdata.host;

import io.lyftdata.api.posture.Severity;
import io.lyftdata.db.Database;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.io.IOException;
import java.util.List;

/** Whether the process may open as many files as its fleet needs. */
public final class OpenFilesPostureCheck implements PostureCheck {
    private static final int OWN = 1024;
    private static final int PER_WORKER = 2;

    private static final Rule RULE = new Rule(
            "open-files",
            Severity.MEDIUM,
            "The process's limit of open files (`/proc/self/limits`): less than " + OWN + " and " + PER_WORKER
                    + " for each worker is a finding, since every worker keeps a connection open.",
            "NIST SP 800-123: a server has the resources that its task needs; one that runs out of files refuses workers"
                    + " and operators alike, also those who want to isolate a worker.",
            "Raise it: `LimitNOFILE=` in the systemd unit, or `ulimit -n` before the start; it needs a restart.");

    private final Host host;
    private final Database database;

    public OpenFilesPostureCheck(Host host, Database database) {
        this.host = host;
        this.database = database;
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() throws IOException {
        long limit = limit();
        long workers = database.first("SELECT CAST(count(*) AS TEXT) FROM worker WHERE state = 'active'")
                .map(Long::parseLong)
                .orElse(0L);
        long needed = OWN + PER_WORKER * workers;
        return limit >= needed
                ? List.of()
                : List.of(new Finding(
                        "server",
                        "the server may open " + limit + " files, and " + workers + " workers need " + needed,
                        "LimitNOFILE=" + needed + " in the systemd unit, or ulimit -n " + needed
                                + " before the start"));
    }

    private long limit() throws IOException {
        String line = host.lines("/proc/self/limits").stream()
                .filter(some -> some.startsWith("Max open files"))
                .findFirst()
                .orElseThrow(() -> new IOException("/proc/self/limits has no line Max open files"));
        String soft = line.substring("Max open files".length()).strip().split("\\s+", 2)[0];
        return soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft);
    }
}

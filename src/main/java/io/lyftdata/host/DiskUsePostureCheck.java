package io.lyftdata.host;

import io.lyftdata.api.posture.Severity;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntSupplier;

/** How full the disks with the server's data are. */
public final class DiskUsePostureCheck implements PostureCheck {
    private static final Rule RULE = new Rule(
            "disk-use",
            Severity.MEDIUM,
            "How full the disks of the staging directory, of `backup.directory` and of `backup.copies` are, counted as"
                    + " `df` does: above `disk-usage-max-percentage` is a finding.",
            "NIST SP 800-92: storage for logs is watched, since a full disk loses the evidence first.",
            "Free space on the disk, or move the directory to a larger one (`staging-dir`, `backup.directory`,"
                    + " `backup.copies`; it needs a restart). Of the logs, all days but the newest have gone by"
                    + " themselves. Where backups lie: lower `backup.keep-daily` and its like, restart, and `lyftdata"
                    + " backup prune`.");

    private final Path staging;
    private final List<Path> outside;
    private final IntSupplier most;

    /**
     * @param outside directories of backups; where one is missing, nothing lies
     * @param most percent that may be used
     */
    public DiskUsePostureCheck(Path staging, List<Path> outside, IntSupplier most) {
        this.staging = staging;
        this.outside = outside;
        this.most = most;
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() throws IOException {
        Set<Object> seen = new HashSet<>(Set.of(device(staging)));
        List<Finding> findings =
                new ArrayList<>(find(staging, "all logs but the newest day's have gone, and new ones are refused"));
        for (Path directory : outside) {
            if (Files.isDirectory(directory) && seen.add(device(directory))) {
                findings.addAll(find(directory, "before long no backup fits there"));
            }
        }
        return findings;
    }

    /** A sandbox mounts one disk at many places. */
    private static Object device(Path directory) throws IOException {
        return Files.getAttribute(directory, "unix:dev");
    }

    private List<Finding> find(Path directory, String what) throws IOException {
        FileStore disk = Files.getFileStore(directory);
        double used = disk.getTotalSpace() - disk.getUnallocatedSpace();
        double all = used + disk.getUsableSpace();
        long percent = all == 0 ? 0 : (long) Math.ceil(100 * used / all);
        int limit = most.getAsInt();
        return percent <= limit
                ? List.of()
                : List.of(new Finding(
                        directory.toString(),
                        "its disk is " + percent + " % full, and " + limit + " % is the most: " + what,
                        "free space there, or move the directory to a larger disk; where backups lie: set"
                                + " backup.keep-daily and its like lower, restart, and run lyftdata backup prune"));
    }
}

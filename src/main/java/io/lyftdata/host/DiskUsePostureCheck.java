package io.lyftdata.host;

import io.lyftdata.api.posture.Severity;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntSupplier;

/** How full the staging directory's disk is. */
public final class DiskUsePostureCheck implements PostureCheck {
    private static final Rule RULE = new Rule(
            "disk-use",
            Severity.MEDIUM,
            "How full the disk of the staging directory is, counted as `df` does: above `disk-usage-max-percentage` is"
                    + " a finding.",
            "NIST SP 800-92: storage for logs is watched, since a full disk loses the evidence first.",
            "Free space on the disk, lower `log-retention-days`, or move the staging directory to a larger disk;"
                    + " then the admin task reload-configuration.");

    private final Path staging;
    private final IntSupplier most;

    /** @param most percent that may be used */
    public DiskUsePostureCheck(Path staging, IntSupplier most) {
        this.staging = staging;
        this.most = most;
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() throws IOException {
        FileStore disk = Files.getFileStore(staging);
        double used = disk.getTotalSpace() - disk.getUnallocatedSpace();
        double all = used + disk.getUsableSpace();
        long percent = all == 0 ? 0 : (long) Math.ceil(100 * used / all);
        return percent <= most.getAsInt()
                ? List.of()
                : List.of(new Finding(
                        staging.toString(),
                        "its disk is " + percent + " % full, and " + most.getAsInt() + " % is the most: old logs go"
                                + " early, and new ones are refused before long",
                        "free space there, or set log-retention-days to fewer days"));
    }
}

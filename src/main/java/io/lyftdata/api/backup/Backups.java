package io.lyftdata.api.backup;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** {@code /api/backups}, and the admin tasks {@code create-backup} and {@code verify-backup}. */
public final class Backups {
    public static final String PATH = "/api/backups";
    /** To post to for one that holds logs and metrics too, also when the configuration does not say so. */
    public static final String PATH_WITH_TELEMETRY = PATH + "?telemetry=true";

    public static final String RUN_PATH = PATH + "/run";
    public static final String PROOF_PATH = PATH + "/proof";
    public static final String PRUNE_PATH = PATH + "/prune";

    private Backups() {}

    /**
     * A backup in the directory.
     *
     * @param name of its file
     * @param createdAt null, like all below, when no manifest of this installation lies beside the file
     * @param sha256 of the whole file
     * @param counts how many of each noun it holds
     * @param lacks files of logs and metrics that could not be read when it was made; left out when there are none
     * @param auditPosition of the newest record that it holds
     * @param provenAt when it was last opened and found whole; null: never
     * @param copies the directories that hold a copy
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record View(
            String name,
            long size,
            Instant createdAt,
            String sha256,
            String product,
            Map<String, Long> counts,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> lacks,
            Long auditPosition,
            Instant provenAt,
            List<String> copies) {}

    /**
     * The making of a backup.
     *
     * @param state {@code running}, {@code done} or {@code failed}
     * @param step what it does now
     * @param done of {@code total} bytes in this step
     * @param backup what was made; null before it is done
     * @param failure why not, or what it lacks, or which copy is missing; null: nothing
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Run(String state, String step, long done, long total, View backup, String failure) {}

    /** Which backups went, in the directory and in the copies. */
    public record Pruned(List<String> removed) {}

    /** What somebody with the identity found by {@code backup verify}: the file of this hash is whole. */
    public record Proof(String sha256) {}

    /**
     * What was found.
     *
     * @param name of the file
     * @param whole whether all that was looked at is as it should be
     * @param proven whether it was opened and all of it looked at
     * @param steps in their order; the last one may have failed
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Verification(String name, String sha256, boolean whole, boolean proven, List<Step> steps) {}

    /** One thing that was looked at, and what was found. */
    public record Step(String what, boolean whole, String found) {}
}

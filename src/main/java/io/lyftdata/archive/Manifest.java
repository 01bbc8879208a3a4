package io.lyftdata.archive;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What a backup holds.
 *
 * @param purpose always {@link #PURPOSE}, so that its signature serves for nothing else
 * @param installation whose it is
 * @param product version of the program that made it
 * @param schema of the database
 * @param engine of the database that it was taken from
 * @param counts how many of each noun, by which people recognise it
 * @param lacks names of files that should be in it too, but could not be read
 * @param settings the newest revision's number; 0 for none
 * @param ledger how far the database has followed its ledger; null before its first entry
 * @param audit the newest record of the audit log; null for a log without records
 * @param members all files, in their order
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Manifest(
        String purpose,
        String installation,
        Instant createdAt,
        String product,
        String schema,
        String engine,
        Map<String, Long> counts,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> lacks,
        long settings,
        Ledger ledger,
        Audit audit,
        List<Member> members) {
    public static final String PURPOSE = "lyftdata-backup-manifest-v1";

    /** A place in the ledger. */
    public record Ledger(long sequence, String hash) {}

    /** A place in the audit log. */
    public record Audit(String segment, long position, String hash) {}

    /** A file and the lower-case hex SHA-256 of its content. */
    public record Member(String name, long size, String sha256) {}

    public Manifest {
        counts = counts == null ? Map.of() : Map.copyOf(counts);
        lacks = lacks == null ? List.of() : List.copyOf(lacks);
        members = members == null ? List.of() : List.copyOf(members);
    }
}

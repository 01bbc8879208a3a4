package io.lyftdata.evidence;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.lyftdata.archive.Manifest.Audit;
import io.lyftdata.archive.Manifest.Member;
import java.time.Instant;
import java.util.List;

/**
 * What the archive holds: its first member, signed with {@code signing.key}.
 *
 * @param purpose always {@link #PURPOSE}, so that its signature serves for nothing else
 * @param since from when on
 * @param createdAt until when
 * @param firstAudit the first record in it; null for none
 * @param lastAudit the last record in it; null for none
 * @param missing members that could not be had
 * @param members all files, in their order
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EvidenceManifest(
        String purpose,
        String installation,
        String incident,
        Instant since,
        Instant createdAt,
        String product,
        Audit firstAudit,
        Audit lastAudit,
        List<String> missing,
        List<Member> members) {
    public static final String PURPOSE = "lyftdata-evidence-manifest-v1";
}

package io.lyftdata.evidence;

import io.lyftdata.archive.Manifest.Audit;
import io.lyftdata.audit.AuditRecord;

/** The first and the last of some records. Used by one thread. */
final class Ends {
    private Audit first;
    private Audit last;

    void add(AuditRecord record) {
        last = new Audit(record.segment(), record.position(), record.hash());
        first = first == null ? last : first;
    }

    Audit first() {
        return first;
    }

    Audit last() {
        return last;
    }
}

package io.lyftdata.crypto;

import io.lyftdata.api.audit.Verification.Broken;
import io.lyftdata.api.audit.Verification.Fault;
import java.util.Optional;

/**
 * Follows the audit log's chain from record to record, and names the first that does not hold: each stands on the hash
 * of the one before, without gaps. For one thread.
 */
public final class ChainWalk {
    static final int RENUMBERED = 1_000;

    private final long start;
    private final String startHash;
    private long position;
    private String segment;
    private String hash;

    /** Stands at a record that is known to be good, or with position 0 before the first. */
    public ChainWalk(long position, String segment, String hash) {
        this.start = position;
        this.startHash = hash;
        this.position = position;
        this.segment = segment;
        this.hash = hash;
    }

    /** Steps on to the record; false when it does not hold, and then the walk has ended. */
    public boolean follow(ChainLink link) {
        boolean holds = link.intact()
                && link.position() == position + 1
                && hash.equals(link.previous())
                && (link.segment().equals(segment) || link.beginsSegment());
        if (holds) {
            position = link.position();
            segment = link.segment();
            hash = link.hash();
        }
        return holds;
    }

    /** The last record that holds. */
    public long position() {
        return position;
    }

    public String segment() {
        return segment;
    }

    public String hash() {
        return hash;
    }

    /**
     * What is wrong with the record that {@link #follow} refused.
     *
     * @param line its export's line
     * @param next the one behind it
     * @param elsewhere whether another record stands on the last that holds
     * @param earlier the position before it whose record it stands on
     */
    public Broken judge(
            ChainLink found, String line, Optional<ChainLink> next, boolean elsewhere, Optional<Long> earlier) {
        long here = position + 1;
        boolean nextBelongsHere =
                next.filter(link -> hash.equals(link.previous())).isPresent();
        if (hash.equals(found.previous())) {
            return new Broken(here, nextBelongsHere ? Fault.INSERTED : Fault.CHANGED);
        }
        boolean swapped =
                next.filter(link -> link.hash().equals(found.previous())).isPresent();
        if (nextBelongsHere && !swapped) {
            return new Broken(here, Fault.INSERTED);
        }
        Optional<Long> insertedBehind = startHash.equals(found.previous()) ? Optional.of(start) : earlier;
        if (insertedBehind.isPresent()) {
            return new Broken(insertedBehind.get() + 1, Fault.INSERTED);
        }
        if (elsewhere) {
            return new Broken(here, Fault.REORDERED);
        }
        if (found.position() > here || (!found.intact() && ChainLink.isMoved(line))) {
            return new Broken(here, Fault.MISSING);
        }
        // It holds by itself: the one before was altered together with its hash.
        return new Broken(found.intact() && position > start ? position : here, Fault.CHANGED);
    }
}

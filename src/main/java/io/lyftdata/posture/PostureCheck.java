package io.lyftdata.posture;

import java.io.IOException;
import java.util.List;

/**
 * One question to the deployment as it is now. It changes nothing, and asks the database once however many workers there
 * are. Safe for use by many threads.
 */
public interface PostureCheck {
    /** What it is about; always the same. */
    Rule rule();

    /**
     * Everything that is wrong, in a fixed order; empty when it has looked and nothing is. A check that cannot look
     * throws: that is a finding of its own, and never taken for a pass.
     */
    List<Finding> find() throws IOException;
}
